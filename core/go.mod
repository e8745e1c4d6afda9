module github.com/quartz-cluster/quartz/core

go 1.25.0

require (
	github.com/glebarez/go-sqlite v1.23.0
	github.com/glebarez/sqlite v1.11.0
	github.com/quartz-cluster/quartz v0.1.0
	github.com/quartz-cluster/quartz/schema v0.1.0
	github.com/stretchr/testify v1.12.1
	go.uber.org/goleak v1.3.0
	gorm.io/gorm v1.31.2
)

require github.com/magiconair/properties v1.8.10 // indirect

replace github.com/quartz-cluster/quartz => ../

replace github.com/quartz-cluster/quartz/schema => ../schema
