{{- /*
off, policy or webhook: what the mode comes to in this cluster. An unquoted off is false in YAML; "helm upgrade --reuse-values" from
a chart that knew no injection brings no values of it.
*/}}
{{- define "vip-operator.injectionMode" -}}
{{- $mode := toString (default "off" (default (dict) .Values.injection).mode) }}
{{- if eq $mode "auto" }}
{{- $mode = ternary "policy" "webhook" (ne (include "vip-operator.mutatingPolicyVersion" .) "") }}
{{- end }}
{{- if and (ne $mode "off") (eq .Values.watchNamespace .Release.Namespace) }}
{{- fail (printf "injection.mode: the operator's own namespace is left out, and watchNamespace %s is no other; put the operator into a namespace of its own" .Release.Namespace) }}
{{- end }}
{{- $mode }}
{{- end }}

{{- /* The version in which the cluster serves MutatingAdmissionPolicy; empty where it does not. */}}
{{- define "vip-operator.mutatingPolicyVersion" -}}
{{- $versions := .Capabilities.APIVersions }}
{{- if $versions.Has "admissionregistration.k8s.io/v1/MutatingAdmissionPolicy" }}v1
{{- else if $versions.Has "admissionregistration.k8s.io/v1beta1/MutatingAdmissionPolicy" }}v1beta1
{{- end }}
{{- end }}

{{- define "vip-operator.injectionName" -}}
{{- printf "%s-injection" (include "vip-operator.fullname" . | trunc 53 | trimSuffix "-") }}
{{- end }}

{{- define "vip-operator.injectionSidecar" -}}
{{- $settings := .Values.injection.sidecar }}
{{- $image := printf "%s:%s" $settings.image.repository (default .Chart.AppVersion $settings.image.tag) }}
{{- if $settings.image.digest }}
{{- $image = printf "%s@%s" $settings.image.repository $settings.image.digest }}
{{- end }}
{{- $sidecar := dict "settings" $settings "image" $image }}
{{- dict "container" (include "vip-sidecar.container" $sidecar | fromYaml) "volumes" (include "vip-sidecar.volumes" $sidecar | fromYamlArray) | toJson }}
{{- end }}

{{- /* Never the cluster's own pods, nor the operator's: without those there would be nobody to help out of a failure. */}}
{{- define "vip-operator.injectionNamespaces" -}}
{{- $selector := .Values.injection.namespaceSelector }}
{{- $name := "kubernetes.io/metadata.name" }}
{{- $expressions := append (default (list) $selector.matchExpressions) (dict "key" $name "operator" "NotIn" "values" (list "kube-system" .Release.Namespace)) }}
{{- with .Values.watchNamespace }}
{{- $expressions = append $expressions (dict "key" $name "operator" "In" "values" (list .)) }}
{{- end }}
{{- with $selector.matchLabels }}
matchLabels:
  {{- toYaml . | nindent 2 }}
{{- end }}
matchExpressions:
  {{- toYaml $expressions | nindent 2 }}
{{- end }}

{{- /* A value as CEL writes it. Literals with values of several types are refused unless each is dyn. */}}
{{- define "vip-operator.cel" -}}
{{- if kindIs "map" . -}}
{ {{- range $index, $key := keys . | sortAlpha }}{{ if $index }}, {{ end }}{{ toJson $key }}: dyn({{ include "vip-operator.cel" (get $ $key) }}){{ end -}} }
{{- else if kindIs "slice" . -}}
[ {{- range $index, $value := . }}{{ if $index }}, {{ end }}dyn({{ include "vip-operator.cel" $value }}){{ end -}} ]
{{- else -}}
{{ toJson . }}
{{- end }}
{{- end }}
