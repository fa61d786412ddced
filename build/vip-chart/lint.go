package main

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"github.com/Masterminds/semver/v3"
	yamlv3 "gopkg.in/yaml.v3"
)

// lint tells all that is wrong, not only the first.
func lint(c *chart) error {
	var problems []string
	problem := func(format string, args ...interface{}) { problems = append(problems, fmt.Sprintf(format, args...)) }

	if c.metadata.APIVersion != "v2" {
		problem("Chart.yaml: apiVersion is %q, not v2", c.metadata.APIVersion)
	}
	if _, err := semver.StrictNewVersion(c.metadata.Version); err != nil {
		problem("Chart.yaml: version %q: %v", c.metadata.Version, err)
	}
	for field, value := range map[string]string{
		"name": c.metadata.Name, "description": c.metadata.Description, "appVersion": c.metadata.AppVersion, "kubeVersion": c.metadata.KubeVersion,
	} {
		if value == "" {
			problem("Chart.yaml: no %s", field)
		}
	}
	if _, found := c.templates["templates/NOTES.txt"]; !found {
		problem("no templates/NOTES.txt")
	}
	if _, err := valuesTable(c.valuesText); err != nil {
		problem("%v", err)
	}
	if c.schema == nil {
		problem("no values.schema.json")
	} else {
		var schema map[string]interface{}
		if err := json.Unmarshal(c.schema, &schema); err != nil {
			problem("values.schema.json: %v", err)
		}
		for _, path := range unknownTo(schema, schema, c.values, "") {
			problem("values.schema.json: says nothing about %s", path)
		}
	}
	for name, text := range c.templates {
		for i, line := range strings.Split(text, "\n") {
			if strings.Contains(line, "\t") || strings.TrimRight(line, " ") != line {
				problem("%s:%d: a tab, or blanks at the end", name, i+1)
			}
		}
	}

	sort.Strings(problems)
	for _, p := range problems {
		fmt.Println(p)
	}
	if len(problems) > 0 {
		return fmt.Errorf("%d problem(s) in %s", len(problems), c.metadata.Name)
	}
	return nil
}

// unknownTo names the values that the schema has no property for; where it says additionalProperties by a schema, any name will do.
func unknownTo(root, schema map[string]interface{}, values map[string]interface{}, prefix string) []string {
	if reference, isText := schema["$ref"].(string); isText {
		definitions, _ := root["definitions"].(map[string]interface{})
		schema, _ = definitions[strings.TrimPrefix(reference, "#/definitions/")].(map[string]interface{})
	}
	properties, _ := schema["properties"].(map[string]interface{})
	var unknown []string
	for name, value := range values {
		property, known := properties[name].(map[string]interface{})
		if !known {
			if additional, said := schema["additionalProperties"]; (!said || additional == false) && properties != nil {
				unknown = append(unknown, prefix+name)
			}
			continue
		}
		if inner, isMap := value.(map[string]interface{}); isMap {
			unknown = append(unknown, unknownTo(root, property, inner, prefix+name+".")...)
		}
	}
	return unknown
}

// valuesTable makes the README's table from values.yaml: a row for each value that has a comment of its own above it. A map whose
// members are explained needs no comment and gets no row; one without members, or whose members are a default, does.
func valuesTable(text string) (string, error) {
	var document yamlv3.Node
	if err := yamlv3.Unmarshal([]byte(text), &document); err != nil {
		return "", fmt.Errorf("values.yaml: %w", err)
	}
	var table strings.Builder
	table.WriteString("| value | default | meaning |\n|---|---|---|\n")
	var missing []string
	var walk func(node *yamlv3.Node, prefix string)
	walk = func(node *yamlv3.Node, prefix string) {
		for i := 0; i+1 < len(node.Content); i += 2 {
			key, value := node.Content[i], node.Content[i+1]
			name, comment := prefix+key.Value, meaning(key.HeadComment)
			if explained(value) {
				walk(value, name+".")
				continue
			}
			if comment == "" {
				missing = append(missing, name)
				continue
			}
			fmt.Fprintf(&table, "| `%s` | %s | %s |\n", name, defaultOf(value), comment)
		}
	}
	if len(document.Content) > 0 {
		walk(document.Content[0], "")
	}
	if len(missing) > 0 {
		return "", fmt.Errorf("values.yaml: no comment above %s", strings.Join(missing, ", "))
	}
	return table.String(), nil
}

func explained(node *yamlv3.Node) bool {
	if node.Kind != yamlv3.MappingNode || len(node.Content) == 0 || node.Style&yamlv3.FlowStyle != 0 {
		return false
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].HeadComment != "" || explained(node.Content[i+1]) {
			return true
		}
	}
	return false
}

// meaning is a comment as one line; a paragraph before an empty comment line is a heading and no part of it.
func meaning(comment string) string {
	paragraphs := strings.Split(comment, "\n\n")
	var words []string
	for _, line := range strings.Split(paragraphs[len(paragraphs)-1], "\n") {
		words = append(words, strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "#")))
	}
	return strings.ReplaceAll(strings.TrimSpace(strings.Join(words, " ")), "|", "\\|")
}

func defaultOf(node *yamlv3.Node) string {
	var value interface{}
	if err := node.Decode(&value); err != nil {
		return ""
	}
	data, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	text := string(data)
	if strings.Contains(text, `\n`) || len(text) > 120 {
		return "see `values.yaml`"
	}
	return "`" + strings.ReplaceAll(text, "|", "\\|") + "`"
}
