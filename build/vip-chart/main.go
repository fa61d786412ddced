// Command vip-chart renders and checks Helm charts where there is no helm. The template engine and the functions are those that helm
// itself is made of (text/template, sprig); what helm adds to them is in this folder. No registry, no dependencies of charts.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
)

const usage = `usage: vip-chart template CHART [--name NAME] [--namespace NAMESPACE] [-f FILE]… [--set KEY=VALUE]…
                          [--set-string KEY=TEXT]… [--set-json KEY=JSON]… [--show-only templates/FILE]… [--kube-version V] [--api-versions GROUP/VERSION/KIND]… [--upgrade] [-o yaml|json]
       vip-chart lint CHART
       vip-chart values CHART    (the README's table, from the comments in values.yaml)
`

// list is a flag that may be given more than once.
type list []string

func (l *list) String() string     { return strings.Join(*l, ",") }
func (l *list) Set(v string) error { *l = append(*l, v); return nil }

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "Error: "+err.Error())
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 {
		return errors.New(usage)
	}
	chart, err := loadChart(args[1])
	if err != nil {
		return err
	}
	switch args[0] {
	case "template":
		return template(chart, args[2:])
	case "lint":
		return lint(chart)
	case "values":
		rows, err := valuesTable(chart.valuesText)
		if err == nil {
			fmt.Print(rows)
		}
		return err
	}
	return errors.New(usage)
}

func template(chart *chart, args []string) error {
	var files, sets, setStrings, setJSON, showOnly, apiVersions list
	flags := flag.NewFlagSet("template", flag.ContinueOnError)
	name := flags.String("name", "release-name", "")
	namespace := flags.String("namespace", "default", "")
	kubeVersion := flags.String("kube-version", "v1.36.0", "")
	upgrade := flags.Bool("upgrade", false, "")
	output := flags.String("o", "yaml", "")
	flags.Var(&files, "f", "")
	flags.Var(&sets, "set", "")
	flags.Var(&setStrings, "set-string", "")
	flags.Var(&setJSON, "set-json", "")
	flags.Var(&showOnly, "show-only", "")
	flags.Var(&apiVersions, "api-versions", "")
	if err := flags.Parse(args); err != nil {
		return err
	}

	given, err := givenValues(files, sets, setStrings, setJSON)
	if err != nil {
		return err
	}
	values, err := chart.valuesWith(given)
	if err != nil {
		return err
	}
	result, err := render(chart, values, release{
		Name: *name, Namespace: *namespace, IsInstall: !*upgrade, IsUpgrade: *upgrade, Revision: 1, Service: "Helm",
	}, *kubeVersion, apiVersions)
	if err != nil {
		return err
	}
	if err := result.keepOnly(showOnly); err != nil {
		return err
	}
	if *output == "json" {
		return json.NewEncoder(os.Stdout).Encode(result)
	}
	for _, m := range append(append([]manifest{}, result.Manifests...), result.Hooks...) {
		fmt.Printf("---\n# Source: %s\n%s\n", m.Source, strings.TrimRight(m.Text, "\n"))
	}
	return nil
}
