{{- /*
The sidecar's container and its volumes, said here alone: "make charts" copies this file into the operator's chart, which puts the
same into pods of others. Each takes a dict: settings (the values of a sidecar), image, secrets (names).
*/}}
{{- define "vip-sidecar.container" -}}
{{- $settings := .settings }}
{{- $metricsHost := $settings.metricsAddress | splitList ":" | initial | join ":" }}
{{- $metricsPort := $settings.metricsAddress | splitList ":" | last | int }}
name: vip-sidecar
image: {{ .image | quote }}
imagePullPolicy: {{ $settings.image.pullPolicy }}
command: [vip-sidecar]
{{- with $settings.extraArgs }}
args:
  {{- toYaml . | nindent 2 }}
{{- end }}
env:
  - {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
  - {name: POD_NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
  - {name: POD_UID, valueFrom: {fieldRef: {fieldPath: metadata.uid}}}
  - {name: NODE_NAME, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
  - {name: VIP_SIDECAR_LIFELINE_PORT, value: {{ $settings.lifelinePort | quote }}}
  - {name: VIP_AGENT_METRICS_ADDRESS, value: {{ $settings.metricsAddress | quote }}}
  {{- if not (kindIs "invalid" $settings.realtimePriority) }}
  - {name: VIP_SIDECAR_REALTIME_PRIORITY, value: {{ $settings.realtimePriority | quote }}}
  {{- end }}
  {{- if not $settings.lockMemory }}
  - {name: VIP_SIDECAR_NO_LOCK_MEMORY, value: "true"}
  {{- end }}
  {{- if not $settings.sweep }}
  - {name: VIP_SIDECAR_NO_SWEEP, value: "true"}
  {{- end }}
  {{- if $settings.keepalivedMetrics }}
  - {name: VIP_AGENT_KEEPALIVED_METRICS, value: "true"}
  {{- end }}
  {{- with $settings.probeAddress }}
  - {name: VIP_AGENT_PROBE_ADDRESS, value: {{ . | quote }}}
  {{- end }}
  - {name: VIP_AGENT_ADDRESS_LIFETIME, value: {{ $settings.addressLifetime | quote }}}
  - {name: VIP_AGENT_V3_IPV4_CHECKSUM, value: {{ $settings.v3Ipv4Checksum | quote }}}
  - {name: VIP_AGENT_LOG_LEVEL, value: {{ $settings.log.level | quote }}}
  - {name: VIP_AGENT_LOG_FORMAT, value: {{ $settings.log.format | quote }}}
  {{- with $settings.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
ports:
  - name: vip-metrics
    containerPort: {{ $metricsPort }}
    hostPort: {{ $metricsPort }}
lifecycle:
  preStop:
    exec: {command: [vip-sidecar, handover, --timeout, {{ int $settings.handoverSeconds }}s]}
{{- $local := or (hasPrefix "127." $metricsHost) (eq $metricsHost "[::1]") }}
{{- $probe := dict "port" "vip-metrics" }}
{{- if $local }}
{{- $_ := set $probe "host" (trimAll "[]" $metricsHost) }}
{{- end }}
startupProbe:
  httpGet: {{ merge (dict "path" "/healthz") $probe | toJson }}
  periodSeconds: 1
  failureThreshold: 60
readinessProbe:
  httpGet: {{ merge (dict "path" "/readyz") $probe | toJson }}
  periodSeconds: 5
# Restarting it would move the addresses; the agent, which answers here, is restarted by the sidecar itself.
livenessProbe:
  httpGet: {{ merge (dict "path" "/healthz") $probe | toJson }}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
resources:
  {{- toYaml $settings.resources | nindent 2 }}
securityContext:
  # Capabilities reach a program that is not root by marks on its file alone, which allowPrivilegeEscalation: false switches off.
  # Said also where a pod of this chart says the same: pods of others may say otherwise.
  runAsUser: 0
  runAsNonRoot: false
  privileged: false
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  seccompProfile: {type: RuntimeDefault}
  capabilities:
    drop: [ALL]
    add: [NET_ADMIN, NET_RAW{{ if $settings.realtime }}, SYS_NICE, IPC_LOCK{{ end }}]
volumeMounts:
  - {name: vip-state, mountPath: /run/vip-sidecar}
  - {name: vip-token, mountPath: /var/run/secrets/kubernetes.io/serviceaccount, readOnly: true}
  {{- range $index, $secret := .secrets }}
  - {name: vip-secret-{{ $index }}, mountPath: /etc/vip-sidecar/secrets/{{ $secret }}, readOnly: true}
  {{- end }}
{{- end }}

{{- define "vip-sidecar.volumes" -}}
- name: vip-state
  emptyDir: {medium: Memory, sizeLimit: 16Mi}
- name: vip-token
  projected:
    defaultMode: 0400
    sources:
      - serviceAccountToken: {path: token, expirationSeconds: 3607}
      - configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
      - downwardAPI: {items: [{path: namespace, fieldRef: {fieldPath: metadata.namespace}}]}
{{- range $index, $secret := .secrets }}
- name: vip-secret-{{ $index }}
  secret: {secretName: {{ $secret }}, defaultMode: 0400}
{{- end }}
{{- end }}
