// The Kubernetes documents of capgen's targets hpa, keda, pdb and cronjob, computed in jsonnet from the same values.
//
// As a person would write it who has only jsonnet: the same formulas, no checks, no explanations, no comments in the output.

local ceil(x) = std.ceil(x - 1e-9);

// "60s" and "250ms" in seconds.
local seconds(text) =
  if std.endsWith(text, 'ms') then std.parseInt(std.substr(text, 0, std.length(text) - 2)) / 1000
  else std.parseInt(std.substr(text, 0, std.length(text) - 1));

function(root, teams)
  local metadata(name) = { name: name, namespace: root.platform.namespace, labels: root.platform.labels };

  local merged(name, written) = root.defaults + written + { name: name };

  local replicas(workload, load, per_pod) = std.max(2, ceil(load / per_pod * workload.safety_margin));

  local pdb(workload) = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadata(workload.name),
    spec: { selector: { matchLabels: { app: workload.name } }, maxUnavailable: '25%' },
  };

  local hpa(service) = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: metadata(service.name),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: service.name },
      minReplicas: replicas(service, service.base_rps, service.rps_per_pod),
      maxReplicas: replicas(service, service.target_rps, service.rps_per_pod),
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: service.autoscale.cpu } },
        },
        {
          type: 'Pods',
          pods: {
            metric: { name: service.autoscale.rps.metric },
            target: {
              type: 'AverageValue',
              averageValue: std.toString(std.floor(service.rps_per_pod / service.safety_margin)),
            },
          },
        },
      ],
    },
  };

  local scaled_object(worker) =
    local throughput = worker.concurrency / seconds(worker.processing_time);
    {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      metadata: metadata(worker.name),
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: worker.name },
        minReplicaCount: replicas(worker, worker.base_event_rate, throughput),
        maxReplicaCount: replicas(worker, worker.event_rate, throughput),
        triggers: [
          {
            type: 'kafka',
            metadata: {
              bootstrapServers: worker.kafka.bootstrap_servers,
              consumerGroup: worker.kafka.consumer_group,
              topic: worker.kafka.topic,
              offsetResetPolicy: worker.kafka.offset_reset_policy,
              lagThreshold: std.toString(std.floor(throughput * seconds(worker.lag_target) + 1e-9)),
            },
          },
          { type: 'memory', metadata: { value: std.toString(worker.autoscale.memory) }, metricType: 'Utilization' },
        ],
        fallback: {
          failureThreshold: worker.autoscale.fallback.failure_threshold,
          replicas: worker.autoscale.fallback.replicas,
        },
      },
    };

  local cronjob(service, name, time, zone, floor) = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: metadata(name),
    spec: {
      schedule: time,
      timeZone: zone,
      startingDeadlineSeconds: 600,
      concurrencyPolicy: 'Replace',
      jobTemplate: {
        spec: {
          activeDeadlineSeconds: 300,
          backoffLimit: 2,
          template: {
            spec: {
              containers: [
                {
                  name: 'kubectl',
                  image: 'registry.k8s.io/kubectl:v1.34.0',
                  args: [
                    'patch',
                    'hpa',
                    service.name,
                    '--namespace',
                    root.platform.namespace,
                    '--type=merge',
                    '--patch',
                    std.manifestJsonMinified({ spec: { minReplicas: floor } }),
                  ],
                  resources: {
                    limits: { cpu: '500m', memory: '256Mi' },
                    requests: { cpu: '50m', memory: '64Mi' },
                  },
                  securityContext: {
                    capabilities: { drop: ['ALL'] },
                    readOnlyRootFilesystem: true,
                    allowPrivilegeEscalation: false,
                  },
                },
              ],
              restartPolicy: 'Never',
              serviceAccountName: service.name + '-schedule',
              automountServiceAccountToken: true,
              securityContext: {
                runAsUser: 65532,
                runAsNonRoot: true,
                seccompProfile: { type: 'RuntimeDefault' },
              },
            },
          },
        },
      },
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 3,
    },
  };

  local rights(service) =
    local account = service.name + '-schedule';
    [
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata(account) },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: metadata(account),
        rules: [
          {
            verbs: ['get', 'patch'],
            apiGroups: ['autoscaling'],
            resources: ['horizontalpodautoscalers'],
            resourceNames: [service.name],
          },
        ],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: metadata(account),
        subjects: [{ kind: 'ServiceAccount', name: account, namespace: root.platform.namespace }],
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: account },
      },
    ];

  local window(name, schedule, service) =
    local floor = replicas(service, schedule.rps, service.rps_per_pod);
    local base = replicas(service, service.base_rps, service.rps_per_pod);
    [
      cronjob(service, '%s-%s-up' % [service.name, name], schedule.start, schedule.time_zone, floor),
      cronjob(service, '%s-%s-down' % [service.name, name], schedule.end, schedule.time_zone, base),
    ] + rights(service);

  std.flatMap(
    function(team)
      local services = [merged(name, team.service[name]) for name in std.objectFields(team.service)];
      local workers = [merged(name, team.worker[name]) for name in std.objectFields(team.worker)];
      local service_named = { [it.name]: it for it in services };
      [hpa(service) for service in services]
      + [scaled_object(worker) for worker in workers]
      + [pdb(workload) for workload in services + workers]
      + std.flatMap(
        function(name)
          local schedule = team.schedule[name];
          window(name, schedule, service_named[schedule.service]),
        std.objectFields(team.schedule)
      ),
    teams
  )
