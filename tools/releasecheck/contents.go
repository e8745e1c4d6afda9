package main

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/zip"
)

// contents returns the files of the module in dir: those below it that belong to
// no module further down, with the go.mod to publish in the place of its own and
// with the licence, which every published module carries.
func contents(root, dir string, files []string, mod []byte) []zip.File {
	var nested []string
	for _, name := range files {
		if path.Base(name) == "go.mod" && path.Dir(name) != dir && inside(dir, name) {
			nested = append(nested, path.Dir(name))
		}
	}
	packed := []zip.File{memoryFile{name: "go.mod", data: mod}}
	licensed := false
	for _, name := range files {
		if !inside(dir, name) || slices.ContainsFunc(nested, func(below string) bool { return inside(below, name) }) {
			continue
		}
		within := name
		if dir != "." {
			within = strings.TrimPrefix(name, dir+"/")
		}
		if within == "go.mod" {
			continue
		}
		licensed = licensed || within == "LICENSE"
		packed = append(packed, diskFile{name: within, at: filepath.Join(root, filepath.FromSlash(name))})
	}
	if !licensed {
		packed = append(packed, diskFile{name: "LICENSE", at: filepath.Join(root, "LICENSE")})
	}
	return packed
}

func inside(dir, name string) bool { return dir == "." || strings.HasPrefix(name, dir+"/") }

// diskFile is a file of the checkout.
type diskFile struct{ name, at string }

func (f diskFile) Path() string                 { return f.name }
func (f diskFile) Lstat() (os.FileInfo, error)  { return os.Lstat(f.at) }
func (f diskFile) Open() (io.ReadCloser, error) { return os.Open(f.at) }

// memoryFile is a file made for the release.
type memoryFile struct {
	name string
	data []byte
}

func (f memoryFile) Path() string                 { return f.name }
func (f memoryFile) Lstat() (os.FileInfo, error)  { return memoryInfo(f), nil }
func (f memoryFile) Open() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(f.data)), nil }

type memoryInfo memoryFile

func (i memoryInfo) Name() string       { return path.Base(i.name) }
func (i memoryInfo) Size() int64        { return int64(len(i.data)) }
func (i memoryInfo) Mode() fs.FileMode  { return 0o644 }
func (i memoryInfo) ModTime() time.Time { return time.Time{} }
func (i memoryInfo) IsDir() bool        { return false }
func (i memoryInfo) Sys() any           { return nil }
