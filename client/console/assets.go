package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
)

//go:embed assets
var embedded embed.FS

// types are those of the assets: what the host's tables say varies.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".png": "image/png", ".woff2": "font/woff2", ".ico": "image/x-icon", ".json": "application/json",
}

// assets are the page and what it loads. The page is asked for anew each time,
// and names the others below their common hash, assets/<hash>/app.js: the parts of
// two versions never mix, and a browser may keep each for ever.
type assets struct {
	page  []byte
	files map[string][]byte // by path, without the page
	hash  string
}

const pageName = "index.html"

func loadAssets(from fs.FS) (*assets, error) {
	a := &assets{files: map[string][]byte{}}
	sum := sha256.New()
	err := fs.WalkDir(from, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if types[path.Ext(name)] == "" {
			return fmt.Errorf("asset %s has no known type", name)
		}
		data, err := fs.ReadFile(from, name)
		fmt.Fprintln(sum, name, len(data))
		sum.Write(data)
		a.files[name] = data
		return err
	})
	if err != nil {
		return nil, err
	}
	a.hash = hex.EncodeToString(sum.Sum(nil)[:8])
	a.page = bytes.ReplaceAll(a.files[pageName], []byte(`"assets/`), []byte(`"assets/`+a.hash+`/`))
	delete(a.files, pageName)
	return a, nil
}

func (a *assets) servePage(w http.ResponseWriter, r *http.Request) {
	etag := `"` + a.hash + `"`
	w.Header().Set("ETag", etag)
	w.Header().Set("Cache-Control", "no-cache")
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	write(w, types[".html"], a.page)
}

// serveFile serves a file of this version, and none in the place of another's.
func (a *assets) serveFile(w http.ResponseWriter, r *http.Request) {
	data, found := a.files[r.PathValue("path")]
	if !found || r.PathValue("hash") != a.hash {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
	write(w, types[path.Ext(r.PathValue("path"))], data)
}

func write(w http.ResponseWriter, contentType string, data []byte) {
	w.Header().Set("Content-Type", contentType)
	_, _ = w.Write(data) // the browser may have gone
}
