package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"
)

// givenValues merges files, then --set-json, --set and --set-string; the later wins, as with helm.
func givenValues(files, sets, setStrings, setJSON []string) (map[string]interface{}, error) {
	given := map[string]interface{}{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		values := map[string]interface{}{}
		if err := yaml.UnmarshalStrict(content, &values); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		given = overlay(given, values)
	}
	for _, text := range setJSON {
		key, value, found := strings.Cut(text, "=")
		if !found {
			return nil, fmt.Errorf("--set-json %s: no '='", text)
		}
		var parsed interface{}
		if err := json.Unmarshal([]byte(value), &parsed); err != nil {
			return nil, fmt.Errorf("--set-json %s: %w", text, err)
		}
		if err := assign(given, key, parsed); err != nil {
			return nil, err
		}
	}
	setAll := func(flag string, texts []string, read func(string) interface{}) error {
		for _, text := range texts {
			for _, pair := range split(text, ',') {
				parts := split(pair, '=')
				if len(parts) < 2 {
					return fmt.Errorf("%s %s: no '='", flag, pair)
				}
				if err := assign(given, parts[0], read(strings.Join(parts[1:], "="))); err != nil {
					return err
				}
			}
		}
		return nil
	}
	if err := setAll("--set", sets, typed); err != nil {
		return nil, err
	}
	if err := setAll("--set-string", setStrings, func(t string) interface{} { return strings.ReplaceAll(t, "\\", "") }); err != nil {
		return nil, err
	}
	return given, nil
}

// overlay puts over on top of under; a null stays, for coalesce to act on.
func overlay(under, over map[string]interface{}) map[string]interface{} {
	merged := map[string]interface{}{}
	for k, v := range under {
		merged[k] = v
	}
	for k, v := range over {
		left, leftIsMap := merged[k].(map[string]interface{})
		right, rightIsMap := v.(map[string]interface{})
		if leftIsMap && rightIsMap {
			merged[k] = overlay(left, right)
		} else {
			merged[k] = v
		}
	}
	return merged
}

// coalesce is overlay for the chart's defaults: a null takes a default away.
func coalesce(defaults, given map[string]interface{}) map[string]interface{} {
	merged := map[string]interface{}{}
	for k, v := range defaults {
		if inner, isMap := v.(map[string]interface{}); isMap {
			v = coalesce(inner, nil)
		}
		merged[k] = v
	}
	for k, v := range given {
		if v == nil {
			delete(merged, k)
			continue
		}
		left, leftIsMap := merged[k].(map[string]interface{})
		right, rightIsMap := v.(map[string]interface{})
		if leftIsMap && rightIsMap {
			merged[k] = coalesce(left, right)
		} else {
			merged[k] = v
		}
	}
	return merged
}

// split divides at separators that stand neither in braces nor after a backslash.
func split(text string, separator rune) []string {
	var parts []string
	var part strings.Builder
	depth, escaped := 0, false
	for _, r := range text {
		switch {
		case escaped:
			part.WriteRune(r)
			escaped = false
			continue
		case r == '\\':
			escaped = true
			// The key is divided at dots later.
			part.WriteRune(r)
			continue
		case r == '{':
			depth++
		case r == '}':
			depth--
		}
		if r == separator && depth == 0 {
			parts = append(parts, part.String())
			part.Reset()
		} else {
			part.WriteRune(r)
		}
	}
	return append(parts, part.String())
}

// typed reads a value as --set does: a list in braces, a number, a truth, null, else text.
func typed(text string) interface{} {
	if strings.HasPrefix(text, "{") && strings.HasSuffix(text, "}") {
		items := []interface{}{}
		if len(text) > 2 {
			for _, item := range split(text[1:len(text)-1], ',') {
				items = append(items, typed(item))
			}
		}
		return items
	}
	text = strings.ReplaceAll(text, "\\", "")
	switch text {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	}
	if number, err := strconv.ParseInt(text, 10, 64); err == nil && (text == "0" || text[0] != '0') {
		return number
	}
	return text
}

// assign sets what a.b[0].c names.
func assign(values map[string]interface{}, path string, value interface{}) error {
	steps := split(path, '.')
	var at interface{} = values
	put := func(v interface{}) {}
	for i, step := range steps {
		name, indexes, err := stepOf(step)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		level, isMap := at.(map[string]interface{})
		if !isMap {
			level = map[string]interface{}{}
			put(level)
		}
		put = func(v interface{}) { level[name] = v }
		at = level[name]
		for _, index := range indexes {
			items, _ := at.([]interface{})
			for len(items) <= index {
				items = append(items, nil)
			}
			put(items)
			index := index
			put = func(v interface{}) { items[index] = v }
			at = items[index]
		}
		if i == len(steps)-1 {
			put(value)
		}
	}
	return nil
}

func stepOf(step string) (string, []int, error) {
	name, rest, _ := strings.Cut(step, "[")
	var indexes []int
	for rest != "" {
		number, tail, found := strings.Cut(rest, "]")
		index, err := strconv.Atoi(number)
		if !found || err != nil || index < 0 || index > 1000 {
			return "", nil, fmt.Errorf("%q is no index", number)
		}
		indexes = append(indexes, index)
		rest = strings.TrimPrefix(tail, "[")
	}
	return strings.ReplaceAll(name, "\\", ""), indexes, nil
}
