module github.com/quartz-cluster/quartz/schema

go 1.25.0

require (
	github.com/adhocore/gronx v1.20.4
	github.com/quartz-cluster/quartz v0.1.0
	github.com/stretchr/testify v1.12.1
	go.uber.org/goleak v1.3.0
	gorm.io/gorm v1.31.2
	pgregory.net/rapid v1.3.0
)

replace github.com/quartz-cluster/quartz => ../
