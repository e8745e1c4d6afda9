// Package said keeps the same trouble from being told over and over.
package said
