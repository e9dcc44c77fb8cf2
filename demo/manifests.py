"""What the demo applies: an application in a StatefulSet, its schedule, and a pod that looks into a copy. Pure."""

APPLICATION, GROUP, COPY = "postgres", "postgres-backups", "restore-pvc"
CLAIM, POD, AUDITOR = f"data-{APPLICATION}-0", f"{APPLICATION}-0", "auditor"
FILE = "/data/orders.db"

APPLICATION_MANIFEST = f"""
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: {APPLICATION}}}
spec:
  serviceName: {APPLICATION}
  selector: {{matchLabels: {{app: {APPLICATION}}}}}
  template:
    metadata: {{labels: {{app: {APPLICATION}}}}}
    spec:
      terminationGracePeriodSeconds: 5
      containers:
      - name: shop
        image: IMAGE
        args: [serve, {FILE}]
        readinessProbe: {{exec: {{command: [test, -s, {FILE}]}}, periodSeconds: 1}}
        volumeMounts: [{{name: data, mountPath: /data}}]
  volumeClaimTemplates:
  - metadata: {{name: data}}
    spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 64Mi}}}}}}
"""

SCHEDULE_MANIFEST = f"""
apiVersion: gemini.fairwinds.com/v1beta1
kind: SnapshotGroup
metadata: {{name: {GROUP}}}
spec:
  persistentVolumeClaim: {{claimName: {CLAIM}}}
  schedule:
  - {{every: 3 seconds, keep: 3}}
  - {{every: 10 seconds, keep: 1}}
  - {{every: day, keep: 1}}
"""

AUDITOR_MANIFEST = f"""
apiVersion: v1
kind: Pod
metadata: {{name: {AUDITOR}}}
spec:
  restartPolicy: Never
  containers:
  - name: auditor
    image: IMAGE
    args: [audit, {FILE}]
    volumeMounts: [{{name: data, mountPath: /data}}]
  volumes:
  - {{name: data, persistentVolumeClaim: {{claimName: {COPY}}}}}
"""
