// Package javaconfig reads the org.quartz.* properties of a Java edition's
// quartz.properties, for workers that move from it.
package javaconfig
