package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
)

// program is a Go code block of the README that is a program of its own.
type program struct {
	name   string
	source string
}

// programs are the names in the comments that stand before them.
var programs = []string{"worker", "backoffice"}

// readmePrograms finds the programs in the text of the README.
func readmePrograms(text string) ([]program, error) {
	var found []program
	for _, name := range programs {
		block := regexp.MustCompile("(?s)<!-- " + name + " -->\\s*```go\n(.*?)\n```")
		match := block.FindStringSubmatch(text)
		if match == nil {
			return nil, fmt.Errorf("README.md: no Go code block below <!-- %s -->", name)
		}
		found = append(found, program{name: name, source: match[1] + "\n"})
	}
	return found, nil
}

// imports returns the packages outside the standard library that a program uses.
func (p program) imports() ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), p.name+".go", p.source, parser.ImportsOnly)
	if err != nil {
		return nil, fmt.Errorf("README.md: %s: %w", p.name, err)
	}
	if file.Name.Name != "main" {
		return nil, fmt.Errorf("README.md: %s is package %s and not a program", p.name, file.Name.Name)
	}
	var paths []string
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
			paths = append(paths, path)
		}
	}
	return paths, nil
}
