{{- define "holdfast.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "holdfast.fullname" -}}
{{- $name := include "holdfast.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "holdfast.account" -}}
{{- if .Values.rbac.create -}}
{{- include "holdfast.fullname" . -}}
{{- else -}}
{{- required "rbac.serviceAccountName: name the account that has the operator's rights, or set rbac.create to true" .Values.rbac.serviceAccountName -}}
{{- end -}}
{{- end -}}

{{/* By these the program finds its operator; they are those of `holdfast install`, which a release may take over. */}}
{{- define "holdfast.selector" -}}
app.kubernetes.io/name: holdfast
app.kubernetes.io/component: operator
{{- end -}}

{{- define "holdfast.labels" -}}
{{ include "holdfast.selector" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "holdfast.metadata" -}}
name: {{ include "holdfast.fullname" . }}
namespace: {{ .Release.Namespace }}
labels: {{- include "holdfast.labels" . | nindent 2 }}
{{- end -}}

{{- define "holdfast.clusterMetadata" -}}
name: {{ include "holdfast.fullname" . }}
labels: {{- include "holdfast.labels" . | nindent 2 }}
{{- end -}}

{{- define "holdfast.metadataBesideVelero" -}}
name: {{ include "holdfast.fullname" . }}-velero
namespace: {{ .Values.velero.namespace }}
labels: {{- include "holdfast.labels" . | nindent 2 }}
{{- end -}}

{{- define "holdfast.metadataOfRestores" -}}
name: {{ include "holdfast.fullname" . }}-restores
labels: {{- include "holdfast.labels" . | nindent 2 }}
{{- end -}}

{{- define "holdfast.subjects" -}}
- kind: ServiceAccount
  name: {{ include "holdfast.account" . }}
  namespace: {{ .Release.Namespace }}
{{- end -}}
