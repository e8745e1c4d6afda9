module github.com/quartz-cluster/quartz/client/console

go 1.25.0

require github.com/quartz-cluster/quartz/client v0.1.0

replace github.com/quartz-cluster/quartz => ../../

replace github.com/quartz-cluster/quartz/schema => ../../schema

replace github.com/quartz-cluster/quartz/client => ../

require (
	github.com/adhocore/gronx v1.20.4 // indirect
	github.com/jinzhu/inflection v1.0.0 // indirect
	github.com/jinzhu/now v1.1.5 // indirect
	github.com/quartz-cluster/quartz v0.1.0 // indirect
	github.com/quartz-cluster/quartz/schema v0.1.0 // indirect
	golang.org/x/text v0.20.0 // indirect
	gorm.io/gorm v1.31.2 // indirect
)
