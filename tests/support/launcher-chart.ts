/**
 * A chart that is as trusting as those of the catalogues: values go through templates and unquoted into YAML, and its
 * NetworkPolicy opens everything.
 */

/** What a launch asks for. */
export interface ChartValues {
  /** Goes through `tpl`, as environment variables of INSEE's charts do. */
  readonly env?: string;
  /** Goes unquoted into YAML, at the end of a document. */
  readonly serviceType?: string;
  /** ClusterRole for the service's own account. */
  readonly role?: string;
  /** First label of its host. */
  readonly host?: string;
  /** Whether it brings an object of an operator's kind. */
  readonly database?: boolean;
}

const values = `global: { suspend: false }
env: ""
serviceType: ClusterIP
role: ""
host: ""
database: false
`;

const templates = `apiVersion: v1
kind: Secret
metadata:
  name: {{ .Release.Name }}
stringData:
  VALUE: {{ tpl .Values.env . | quote }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .Release.Name }}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{ .Release.Name }}
spec:
  accessModes: [ReadWriteOnce]
  resources:
    requests:
      storage: 1Gi
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ if .Values.global.suspend }}0{{ else }}1{{ end }}
  serviceName: {{ .Release.Name }}
  selector:
    matchLabels:
      app: {{ .Release.Name }}
  template:
    metadata:
      labels:
        app: {{ .Release.Name }}
    spec:
      serviceAccountName: {{ .Release.Name }}
      containers:
        - name: notebook
          image: notebook
          envFrom:
            - secretRef:
                name: {{ .Release.Name }}
          resources:
            requests:
              cpu: 10m
              memory: 16Mi
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ .Release.Name }}
spec:
  ingressClassName: nginx
  rules:
    - host: {{ .Values.host }}.lab.example.test
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {{ .Release.Name }}
                port:
                  number: 80
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ .Release.Name }}
spec:
  podSelector: {}
  ingress:
    - {}
{{- if .Values.role }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ .Release.Name }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {{ .Values.role }}
subjects:
  - kind: ServiceAccount
    name: {{ .Release.Name }}
    namespace: {{ .Release.Namespace }}
{{- end }}
{{- if .Values.database }}
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata:
  name: {{ .Release.Name }}
{{- end }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
spec:
  selector:
    app: {{ .Release.Name }}
  ports:
    - port: 80
  type: {{ .Values.serviceType }}
`;

/** Text by path in the chart's folder. */
export const chart: Readonly<Record<string, string>> = {
  "Chart.yaml": "apiVersion: v2\nname: thing\nversion: 1.0.0\n",
  "values.yaml": values,
  "templates/all.yaml": templates,
  "templates/_nested.tpl": `{{ define "thing.nested" }}{{ tpl .value .root }}{{ end }}\n`,
  "templates/NOTES.txt": "Welcome.\n",
};
