package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/xeipuuv/gojsonschema"
	"sigs.k8s.io/yaml"
)

// metadata is Chart.yaml: what templates see as .Chart.
type metadata struct {
	APIVersion   string            `json:"apiVersion"`
	Name         string            `json:"name"`
	Version      string            `json:"version"`
	AppVersion   string            `json:"appVersion"`
	KubeVersion  string            `json:"kubeVersion"`
	Description  string            `json:"description"`
	Type         string            `json:"type"`
	Home         string            `json:"home"`
	Icon         string            `json:"icon"`
	Keywords     []string          `json:"keywords"`
	Sources      []string          `json:"sources"`
	Annotations  map[string]string `json:"annotations"`
	Maintainers  []interface{}     `json:"maintainers"`
	Dependencies []interface{}     `json:"dependencies"`
	IsRoot       bool              `json:"-"`
}

type chart struct {
	metadata   metadata
	valuesText string
	values     map[string]interface{}
	schema     []byte
	templates  map[string]string // by path from the chart's folder
	files      files             // all else, as .Files sees it
	crds       map[string]string // of the folder crds/, which helm installs before all and never touches again
}

func loadChart(folder string) (*chart, error) {
	c := &chart{templates: map[string]string{}, files: files{}, crds: map[string]string{}}
	seen := map[string]bool{}
	err := filepath.Walk(folder, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		relative, _ := filepath.Rel(folder, path)
		relative = filepath.ToSlash(relative)
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
		seen[relative] = true
		switch {
		case relative == "Chart.yaml":
			if err := yaml.UnmarshalStrict(content, &c.metadata); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		case relative == "values.yaml":
			c.valuesText = string(content)
			if err := yaml.UnmarshalStrict(content, &c.values); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		case relative == "values.schema.json":
			c.schema = content
		case strings.HasPrefix(relative, "templates/"):
			c.templates[relative] = string(content)
		case strings.HasPrefix(relative, "crds/"):
			c.crds[relative] = string(content)
		case strings.HasPrefix(relative, "charts/"):
			return fmt.Errorf("%s: charts within charts are not supported here", path)
		case relative != ".helmignore":
			c.files[relative] = content
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !seen["Chart.yaml"] {
		return nil, fmt.Errorf("%s: no Chart.yaml", folder)
	}
	if len(c.metadata.Dependencies) > 0 {
		return nil, fmt.Errorf("%s: dependencies of charts are not supported here", folder)
	}
	c.metadata.IsRoot = true
	return c, nil
}

// valuesWith lays what was given over the chart's own values and holds the result against the schema.
func (c *chart) valuesWith(given map[string]interface{}) (map[string]interface{}, error) {
	values := coalesce(c.values, given)
	if c.schema == nil {
		return values, nil
	}
	result, err := gojsonschema.Validate(gojsonschema.NewBytesLoader(c.schema), gojsonschema.NewGoLoader(values))
	if err != nil {
		return nil, fmt.Errorf("values.schema.json: %w", err)
	}
	if !result.Valid() {
		text := "values don't meet the specifications of the schema(s) in the following chart(s):\n" + c.metadata.Name + ":"
		for _, e := range result.Errors() {
			text += "\n- " + e.String()
		}
		return nil, fmt.Errorf("%s", text)
	}
	return values, nil
}

func (c *chart) checkKubeVersion(version string) error {
	if c.metadata.KubeVersion == "" {
		return nil
	}
	constraint, err := semver.NewConstraint(c.metadata.KubeVersion)
	if err != nil {
		return fmt.Errorf("Chart.yaml: kubeVersion: %w", err)
	}
	v, err := semver.NewVersion(version)
	if err != nil {
		return fmt.Errorf("%q is no version: %w", version, err)
	}
	if !constraint.Check(v) {
		return fmt.Errorf("chart requires kubeVersion: %s which is incompatible with Kubernetes %s", c.metadata.KubeVersion, version)
	}
	return nil
}
