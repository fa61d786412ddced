package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"regexp"
	"sort"
	"strings"
	gotemplate "text/template"

	"github.com/Masterminds/semver/v3"
	"github.com/Masterminds/sprig/v3"
	"sigs.k8s.io/yaml"
)

type release struct {
	Name, Namespace, Service string
	Revision                 int
	IsInstall, IsUpgrade     bool
}

type kubeVersion struct{ Version, Major, Minor, GitVersion string }

func (v kubeVersion) String() string { return v.Version }

type versionSet []string

// Has tells of "group/version" and of "group/version/Kind".
func (s versionSet) Has(version string) bool {
	for _, v := range s {
		if v == version {
			return true
		}
	}
	return false
}

type capabilities struct {
	KubeVersion kubeVersion
	APIVersions versionSet
	HelmVersion struct{ Version string }
}

// files is what a chart carries beside its templates.
type files map[string][]byte

func (f files) GetBytes(name string) []byte { return f[name] }
func (f files) Get(name string) string      { return string(f[name]) }

func (f files) Glob(pattern string) files {
	found := files{}
	for name, content := range f {
		if ok, _ := path.Match(pattern, name); ok {
			found[name] = content
		}
	}
	return found
}

func (f files) AsConfig() string {
	texts := map[string]string{}
	for name, content := range f {
		texts[path.Base(name)] = string(content)
	}
	return toYAML(texts)
}

func (f files) AsSecrets() string {
	texts := map[string]string{}
	for name, content := range f {
		texts[path.Base(name)] = base64.StdEncoding.EncodeToString(content)
	}
	return toYAML(texts)
}

func (f files) Lines(name string) []string {
	return strings.Split(strings.TrimSuffix(string(f[name]), "\n"), "\n")
}

// manifest is one object that a template made.
type manifest struct {
	Source string                 `json:"source"`
	Text   string                 `json:"text"`
	Object map[string]interface{} `json:"object"`
}

// rendered is a release: objects in the order in which helm installs them, hooks apart.
type rendered struct {
	CRDs      []manifest `json:"crds"`
	Manifests []manifest `json:"manifests"`
	Hooks     []manifest `json:"hooks"`
	Notes     string     `json:"notes"`
}

// What another may need comes first; what is not named here comes last.
var installOrder = []string{
	"PriorityClass", "Namespace", "NetworkPolicy", "ResourceQuota", "LimitRange", "PodDisruptionBudget", "ServiceAccount", "Secret",
	"ConfigMap", "StorageClass", "PersistentVolume", "PersistentVolumeClaim", "CustomResourceDefinition", "ClusterRole",
	"ClusterRoleBinding", "Role", "RoleBinding", "Service", "DaemonSet", "Pod", "ReplicaSet", "Deployment", "StatefulSet", "Job", "CronJob",
	"Ingress", "APIService", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration",
}

var (
	documentEnd = regexp.MustCompile(`(?m)^---[ \t]*(#.*)?$`)
	comments    = regexp.MustCompile(`(?m)^\s*(#.*)?$`)
)

func render(c *chart, values map[string]interface{}, r release, kube string, apiVersions []string) (*rendered, error) {
	if err := c.checkKubeVersion(kube); err != nil {
		return nil, err
	}
	version, err := semver.NewVersion(kube)
	if err != nil {
		return nil, err
	}
	caps := capabilities{
		KubeVersion: kubeVersion{kube, fmt.Sprint(version.Major()), fmt.Sprint(version.Minor()), kube},
		APIVersions: append(versionSet{"v1", "apps/v1", "policy/v1", "rbac.authorization.k8s.io/v1"}, apiVersions...),
	}
	caps.HelmVersion.Version = "v3.99.0"

	set := gotemplate.New("gotpl").Option("missingkey=zero")
	set.Funcs(functions(set))
	names := []string{}
	for name := range c.templates {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if _, err := set.New(c.metadata.Name + "/" + name).Parse(c.templates[name]); err != nil {
			return nil, fmt.Errorf("parse error: %w", err)
		}
	}

	result := &rendered{CRDs: []manifest{}, Manifests: []manifest{}, Hooks: []manifest{}}
	for _, name := range names {
		base := path.Base(name)
		if strings.HasPrefix(base, "_") {
			continue
		}
		full := c.metadata.Name + "/" + name
		var text strings.Builder
		err := set.ExecuteTemplate(&text, full, map[string]interface{}{
			"Values": values, "Chart": c.metadata, "Release": r, "Capabilities": caps, "Files": c.files,
			"Subcharts": map[string]interface{}{},
			"Template":  map[string]interface{}{"Name": full, "BasePath": c.metadata.Name + "/templates"},
		})
		if err != nil {
			return nil, errors.New(strings.TrimPrefix(err.Error(), "template: "))
		}
		out := strings.ReplaceAll(text.String(), "<no value>", "")
		if base == "NOTES.txt" {
			result.Notes = out
			continue
		}
		objects, err := parseManifests(full, out)
		if err != nil {
			return nil, err
		}
		for _, m := range objects {
			if isHook(m) {
				result.Hooks = append(result.Hooks, m)
			} else {
				result.Manifests = append(result.Manifests, m)
			}
		}
	}
	for name, text := range c.crds {
		objects, err := parseManifests(c.metadata.Name+"/"+name, text)
		if err != nil {
			return nil, err
		}
		result.CRDs = append(result.CRDs, objects...)
	}
	sortForInstall(result.Manifests)
	sortForInstall(result.CRDs)
	return result, nil
}

func parseManifests(source, text string) ([]manifest, error) {
	var found []manifest
	for _, document := range documentEnd.Split(text, -1) {
		if strings.TrimSpace(comments.ReplaceAllString(document, "")) == "" {
			continue
		}
		object := map[string]interface{}{}
		if err := yaml.UnmarshalStrict([]byte(document), &object); err != nil {
			return nil, fmt.Errorf("YAML parse error on %s: %w\n%s", source, err, document)
		}
		if nameOf(object) == "" || object["kind"] == nil || object["apiVersion"] == nil {
			return nil, fmt.Errorf("%s: an object lacks apiVersion, kind or metadata.name", source)
		}
		found = append(found, manifest{source, strings.Trim(document, "\n") + "\n", object})
	}
	return found, nil
}

func metadataOf(object map[string]interface{}) map[string]interface{} {
	m, _ := object["metadata"].(map[string]interface{})
	return m
}

func nameOf(object map[string]interface{}) string {
	name, _ := metadataOf(object)["name"].(string)
	return name
}

func isHook(m manifest) bool {
	annotations, _ := metadataOf(m.Object)["annotations"].(map[string]interface{})
	return annotations["helm.sh/hook"] != nil
}

func sortForInstall(manifests []manifest) {
	rank := func(m manifest) int {
		for i, kind := range installOrder {
			if m.Object["kind"] == kind {
				return i
			}
		}
		return len(installOrder)
	}
	sort.SliceStable(manifests, func(i, j int) bool {
		a, b := manifests[i], manifests[j]
		if rank(a) != rank(b) {
			return rank(a) < rank(b)
		}
		return fmt.Sprint(a.Object["kind"]) < fmt.Sprint(b.Object["kind"])
	})
}

func (r *rendered) keepOnly(sources []string) error {
	if len(sources) == 0 {
		return nil
	}
	for _, wanted := range sources {
		found := false
		for _, m := range append(append([]manifest{}, r.Manifests...), r.Hooks...) {
			found = found || strings.HasSuffix(m.Source, "/"+wanted)
		}
		if !found {
			return fmt.Errorf("could not find template %s in chart", wanted)
		}
	}
	filter := func(all []manifest) []manifest {
		kept := []manifest{}
		for _, wanted := range sources {
			for _, m := range all {
				if strings.HasSuffix(m.Source, "/"+wanted) {
					kept = append(kept, m)
				}
			}
		}
		return kept
	}
	r.Manifests, r.Hooks = filter(r.Manifests), filter(r.Hooks)
	return nil
}

// functions are sprig's without those that look at the machine, and helm's own.
func functions(set *gotemplate.Template) gotemplate.FuncMap {
	f := sprig.TxtFuncMap()
	delete(f, "env")
	delete(f, "expandenv")
	f["toYaml"] = toYAML
	f["fromYaml"] = func(text string) map[string]interface{} {
		m := map[string]interface{}{}
		if err := yaml.Unmarshal([]byte(text), &m); err != nil {
			m["Error"] = err.Error()
		}
		return m
	}
	f["fromYamlArray"] = func(text string) []interface{} {
		a := []interface{}{}
		if err := yaml.Unmarshal([]byte(text), &a); err != nil {
			a = []interface{}{err.Error()}
		}
		return a
	}
	f["toJson"] = func(v interface{}) string {
		data, _ := json.Marshal(v)
		return string(data)
	}
	f["fromJson"] = func(text string) map[string]interface{} {
		m := map[string]interface{}{}
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			m["Error"] = err.Error()
		}
		return m
	}
	f["fromJsonArray"] = func(text string) []interface{} {
		a := []interface{}{}
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			a = []interface{}{err.Error()}
		}
		return a
	}
	f["required"] = func(message string, v interface{}) (interface{}, error) {
		if text, isText := v.(string); v == nil || isText && text == "" {
			return v, errors.New(message)
		}
		return v, nil
	}
	f["fail"] = func(message string) (string, error) { return "", errors.New(message) }
	// No cluster is asked: as with helm template, nothing is there.
	f["lookup"] = func(string, string, string, string) (map[string]interface{}, error) {
		return map[string]interface{}{}, nil
	}
	depth := map[string]int{}
	f["include"] = func(name string, data interface{}) (string, error) {
		if depth[name]++; depth[name] > 1000 {
			return "", fmt.Errorf("unable to execute template %q: it includes itself", name)
		}
		defer func() { depth[name]-- }()
		var text strings.Builder
		err := set.ExecuteTemplate(&text, name, data)
		return text.String(), err
	}
	f["tpl"] = func(text string, data interface{}) (string, error) {
		clone, err := set.Clone()
		if err != nil {
			return "", err
		}
		// The clone has functions of its own, so that include finds what the text defines.
		clone.Funcs(functions(clone))
		parsed, err := clone.New("tpl").Parse(text)
		if err != nil {
			return "", fmt.Errorf("cannot parse template %q: %w", text, err)
		}
		var out strings.Builder
		err = parsed.Execute(&out, data)
		return strings.ReplaceAll(out.String(), "<no value>", ""), err
	}
	return f
}

func toYAML(v interface{}) string {
	data, err := yaml.Marshal(v)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(data), "\n")
}
