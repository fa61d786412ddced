{{- define "nginx-vip.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "nginx-vip.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- $name := include "nginx-vip.name" . }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "nginx-vip.selectorLabels" -}}
app.kubernetes.io/name: {{ include "nginx-vip.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "nginx-vip.labels" -}}
{{ include "nginx-vip.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name (.Chart.Version | replace "+" "_") }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "nginx-vip.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "nginx-vip.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name is needed where serviceAccount.create is false; bind it to the ClusterRole sidecar.clusterRoleName" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- /* Takes a list: the image's values and the tag where they have none. */}}
{{- define "nginx-vip.image" -}}
{{- $image := index . 0 }}
{{- if $image.digest }}
{{- printf "%s@%s" $image.repository $image.digest }}
{{- else }}
{{- printf "%s:%s" $image.repository (default (index . 1) $image.tag) }}
{{- end }}
{{- end }}

{{- define "nginx-vip.virtualIPName" -}}
{{- default (include "nginx-vip.fullname" .) .Values.virtualIP.name }}
{{- end }}

{{- define "nginx-vip.secretName" -}}
{{- default (printf "%s-vrrp" (include "nginx-vip.fullname" .)) .Values.authentication.existingSecret }}
{{- end }}

{{- /* The names of the Secrets to mount, as JSON. */}}
{{- define "nginx-vip.secrets" -}}
{{- $names := .Values.sidecar.secrets }}
{{- if ne .Values.authentication.type "None" }}
{{- $names = append $names (include "nginx-vip.secretName" .) }}
{{- end }}
{{- $names | uniq | toJson }}
{{- end }}

{{- /* "true" where nginx listens on a port that only root may take. */}}
{{- define "nginx-vip.privilegedPort" -}}
{{- $low := lt (int .Values.nginx.port) 1024 }}
{{- range .Values.nginx.extraPorts }}
{{- $low = or $low (lt (int .port) 1024) }}
{{- end }}
{{- $low }}
{{- end }}

{{- /* "true" where the chart's own configuration listens on IPv6, as it did before there was a value for it. */}}
{{- define "nginx-vip.ipv6" -}}
{{- ne (toString .Values.nginx.ipv6) "false" }}
{{- end }}

{{- define "nginx-vip.config" -}}
{{- if .Values.nginx.config }}
{{- tpl .Values.nginx.config . }}
{{- else }}
{{- tpl (.Files.Get "files/nginx.conf") . }}
{{- end }}
{{- end }}
