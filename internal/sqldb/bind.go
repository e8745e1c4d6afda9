package sqldb

import (
	"reflect"
	"slices"
)

// plain turns binds of named string types, and lists of such, into plain ones:
// Oracle's driver takes no others.
func plain(args []any) []any {
	if !slices.ContainsFunc(args, named) {
		return args
	}
	out := slices.Clone(args)
	for i, arg := range out {
		if !named(arg) {
			continue
		}
		v := reflect.ValueOf(arg)
		if v.Kind() == reflect.String {
			out[i] = v.String()
			continue
		}
		list := make([]string, v.Len())
		for j := range list {
			list[j] = v.Index(j).String()
		}
		out[i] = list
	}
	return out
}

func named(arg any) bool {
	switch arg.(type) {
	case nil, string, int64, int, []string, []int64:
		return false
	}
	t := reflect.TypeOf(arg)
	if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t.Kind() == reflect.String && t != reflect.TypeFor[string]()
}
