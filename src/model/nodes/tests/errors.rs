//! What is refused, with its places and its help.

use super::*;

#[test]
fn instance_types() {
    let group = |rest: &str| format!("[nodegroup.n]\nmin = 1\nmax = 2\n{rest}");
    check_error(
        &group("instance_types = ['m5.2xlarg']"),
        "the instance type `m5.2xlarg` is not in the catalogue; 'm5.2xlarg': not known; did you mean `m5.2xlarge`?; \
         or state what a node offers to pods: `[instance.\"m5.2xlarg\"]` with `cpu`, `memory`, `max_pods` and `price`",
    );
    check_error(
        &group("instance_types = []"),
        "`nodegroup.n` lists no instance type; []: empty; instance_types = [\"m5.large\"]",
    );
    check_error(
        &group("instance_types = ['m5.large', 'm5.large']"),
        "`nodegroup.n` lists `m5.large` twice; 'm5.large': again; 'm5.large': listed here; \
         take one of the two out of `instance_types`",
    );
    check_error(
        &group("instance_types = ['m5.large', 'm6g.large']"),
        "`nodegroup.n` mixes architectures: `m5.large` is amd64, `m6g.large` is arm64; 'm6g.large': arm64; \
         'm5.large': amd64; give the arm64 types a `[nodegroup.NAME]` of their own",
    );
    let many: Vec<String> = crate::model::catalogue::all()
        .filter(|row| row.arch == "amd64")
        .take(21)
        .map(|row| format!("'{}'", row.name))
        .collect();
    let many = format!("instance_types = [{}]\n", many.join(", "));
    assert_eq!(outcome(&format!("{CLUSTER}{}", group(&many))).errors, [""; 0]);
    let found = outcome(&format!("{CLUSTER}{}", group(&format!("{many}spot = {{}}\n")))).errors;
    assert!(found[0].starts_with("`nodegroup.n` lists 21 instance types, a mixed group takes 20 at most"), "{found:?}");
}

#[test]
fn own_instance_types() {
    let group = "[nodegroup.n]\nmin = 1\nmax = 2\ninstance_types = ['x9.large']\n";
    let found = outcome(&format!("{CLUSTER}{group}[instance.'x9.large']\ncpu = 'two'\nmemory = '1Gi'\nmax_pods = 9\n"));
    assert!(found.errors.iter().all(|it| !it.contains("catalogue")), "{:?}", found.errors);
    check_error(
        &format!("{group}[instance.'x9.large']\ncpu = '0'\nmemory = '1Gi'\nmax_pods = 9\n"),
        "a node of `x9.large` would offer no CPU to pods; '0': ; \
         write what `kubectl get node -o yaml` shows under `status.allocatable`",
    );
    let own = format!("{group}[instance.'x9.large']\ncpu = '2'\nmemory = '1Gi'\nmax_pods = 9\n");
    let (group, _) = single(&own);
    assert!(group.cost.is_none());
}

#[test]
fn workloads() {
    let group = |runs: &str| format!("[nodegroup.n]\ninstance_types = ['m5.large']\nruns = {runs}\n");
    check_error(
        &group("['apii']"),
        "`nodegroup.n` runs `apii`, which is neither a service nor a worker; 'apii': not in the spec; \
         did you mean `api`?",
    );
    check_error(
        &group("['api', 'api']"),
        "`nodegroup.n` runs `api` twice; 'api': and here; 'api': placed here; take one of the two out of `runs`",
    );
    check_error(
        &format!("{}[nodegroup.o]\ninstance_types = ['m5.large']\nruns = ['api']\n", group("['api']")),
        "`api` stands in two node groups: `n` and `o`; 'api': and here; 'api': placed here; \
         keep one of the two, or split it into two workloads, one for each group",
    );
    check_error(
        &format!("{}[service.s]\nreplicas = 2\n", group("['s']")),
        "`service.s` states no `resources.cpu` and no `resources.memory`, so `nodegroup.n` cannot be sized; \
         s: no requests; 's': placed here; \
         in `[service.s]`: resources = { cpu = \"500m\", memory = \"512Mi\" }",
    );
    check_error(
        &format!("{}[service.s]\nreplicas = 2\nresources = {{ cpu = '1' }}\n", group("['s']")),
        "`service.s` states no `resources.memory`, so `nodegroup.n` cannot be sized; s: no requests; \
         's': placed here; add `memory = \"512Mi\"` to `service.s.resources`",
    );
}

#[test]
fn a_refused_table_is_not_complained_about_twice() {
    let group = "[nodegroup.n]\ninstance_types = ['m5.large']\nruns = ['s']\n";
    for broken in [
        "[service.s]\nreplicas = 'two'\n",
        "[service.s]\nreplicas = 2\nresources = { cpu = 'one', memory = '1Gi' }\n",
        "[service.s]\nreplicass = 2\n",
    ] {
        let found = outcome(&format!("{CLUSTER}{broken}{group}"));
        assert_eq!(found.errors.len(), 1, "{:?}", found.errors);
    }
    let found = outcome(&format!("{CLUSTER}[nodegroup.n]\ninstance_types = ['m5.large']\nmin = -1\nmax = 2\n"));
    assert_eq!(found.errors.len(), 1, "{:?}", found.errors);
}

#[test]
fn pods_that_fit_nowhere() {
    let bulk = "[service.bulk]\nreplicas = 2\nresources = { cpu = '4', memory = '6Gi' }\n";
    check_error(
        &format!("{bulk}[nodegroup.n]\ninstance_types = ['c5.xlarge']\nruns = ['bulk']\n"),
        "a pod of `service.bulk` (4, 6Gi) does not fit on a node of `c5.xlarge`, which offers 3920m, 6584Mi, 58 pods; \
         'c5.xlarge': the smallest listed type; 'bulk': placed here; '4': requests 4; '6Gi': requests 6Gi; \
         in `[nodegroup.n]`: instance_types = [\"c5.2xlarge\"]",
    );
    check_error(
        "[service.huge]\nreplicas = 2\nresources = { cpu = '1', memory = '20Gi' }\n\
         [nodegroup.n]\ninstance_types = ['t3.small']\nruns = ['huge']\ndaemonsets = { cpu = '100m' }\n",
        "a pod of `service.huge` (1, 20Gi) does not fit on a node of `t3.small`, which offers 1830m, 1418Mi, 11 pods \
         beside its daemonsets; 't3.small': the smallest listed type; 'huge': placed here; '1': requests 1; \
         '20Gi': requests 20Gi; in `[nodegroup.n]`: instance_types = [\"t3.2xlarge\"]",
    );
    check_error(
        "[service.huge]\nreplicas = 2\nresources = { cpu = '1', memory = '2Ti' }\n\
         [nodegroup.n]\ninstance_types = ['m5.large']\nruns = ['huge']\n",
        "a pod of `service.huge` (1, 2Ti) does not fit on a node of `m5.large`, which offers 1930m, 6903Mi, 29 pods; \
         'm5.large': the smallest listed type; 'huge': placed here; '1': requests 1; '2Ti': requests 2Ti; \
         no type of the catalogue is large enough: lower `service.huge.resources`",
    );
    check_error(
        "[nodegroup.n]\ninstance_types = ['t3.small']\nruns = ['api']\ndaemonsets = { memory = '2Gi', pods = 11 }\n",
        "the daemonsets of `nodegroup.n` leave no room on a node of `t3.small`, which offers 1930m, 1418Mi, 11 pods; \
         '2Gi': takes all of it; 11: takes all of it; 't3.small': the smallest listed type; \
         list larger `instance_types`; `daemonsets` counts what runs on one node, not on all of them",
    );
}

#[test]
fn numbers_of_nodes() {
    let group = |rest: &str| format!("[nodegroup.n]\ninstance_types = ['m5.large']\n{rest}");
    check_error(
        &group(""),
        "`nodegroup.n` runs nothing that could be counted, so it needs `min` and `max`; n: how many nodes?; \
         add `runs = [\"NAME\"]`, or `min = 1` and `max = 10`",
    );
    check_error(
        &group("min = 1\nruns = []\n"),
        "`nodegroup.n` runs nothing that could be counted, so it needs `max`; n: how many nodes?; \
         add `runs = [\"NAME\"]`, or `max = 10`",
    );
    check_error(
        &group("min = 3\nmax = 2\n"),
        "`nodegroup.n` has at least 3 nodes and at most 2; 2: at most 2; 3: at least 3; \
         max = 3, or leave the pin out where `runs` says what is asked",
    );
    check_error(
        &format!("{GENERAL}min = 9\n"),
        "`nodegroup.general` has at least 9 nodes and at most 8; general: at most 8 (computed); 9: at least 9; \
         min = 8, or leave the pin out: the pods at their peaks need no more",
    );
    check_error(
        &group("min = 1\nmax = 3\ndesired = 4\n"),
        "`nodegroup.n` starts with 4 nodes, outside of its 1 to 3; 4: outside; 3: at most 3; \
         desired = 3, or leave it out: the cluster autoscaler owns it",
    );
    check_error(
        &group("min = 0\nmax = 0\n"),
        "`nodegroup.n` is a managed node group, and EKS takes none of at most 0 nodes; 0: ; \
         max = 1; `min = 0` lets it be empty",
    );
    check_error(
        &format!("{GENERAL}headroom = 0.9\n"),
        "a headroom of 0.9 gives `nodegroup.general` fewer nodes than its pods fill; 0.9: below 1; \
         headroom = 1.2 counts a fifth on top; to have fewer nodes, pin `max`",
    );
    check_error(
        &group("min = 1\nmax = 100_000_000\nprice = 100_000_000_000\n"),
        "`nodegroup.n` would cost more than can be counted: 100000000 nodes at 100000000000 USD an hour; \
         100_000_000_000: off by orders of magnitude; `price` is in USD per node and hour; check its unit and exponent",
    );
}

#[test]
fn spot_labels_and_taints() {
    let group = |rest: &str| format!("[nodegroup.n]\ninstance_types = ['m5.large']\nmin = 1\nmax = 2\n{rest}\n");
    check_error(
        &group("spot = { pools = 3, allocation_strategy = 'capacity-optimized' }"),
        "`pools` does not go with `allocation_strategy = \"capacity-optimized\"`; 3: how many pools; \
         'capacity-optimized': picks them itself; \
         leave `pools` out, or write `allocation_strategy = \"lowest-price\"`",
    );
    assert_eq!(single(&group("spot = { pools = 3, allocation_strategy = 'lowest-price' }")).0.min.value, 1);
    check_error(
        &group("labels = { 'node-role.kubernetes.io/spot' = '' }"),
        "nodes of `nodegroup.n` cannot label themselves `node-role.kubernetes.io/spot`: the domain is Kubernetes' own; \
         'node-role.kubernetes.io/spot': not for kubelets; \
         write `spot`, `node.kubernetes.io/spot`, or a domain of your own before the `/`",
    );
    for fine in ["node.kubernetes.io/pool", "topology.kubernetes.io/zone", "mykubernetes.io/a", "a.example.com/b", "c"]
    {
        let (found, _) = single(&group(&format!("labels = {{ '{fine}' = 'x' }}")));
        assert_eq!(found.labels[0].0, fine);
    }
    check_error(
        &group("taints = [{ key = 'a', effect = 'NoSchedule' }, { key = 'a', value = 'b', effect = 'NoSchedule' }]"),
        "`nodegroup.n` has two taints `a` with the effect NoSchedule; 'a': again; 'a': the first one; \
         take one of the two out of `taints`",
    );
}

#[test]
fn clusters() {
    let group = "[nodegroup.n]\ninstance_types = ['m5.large']\nmin = 1\nmax = 2\n";
    let expected = "`nodegroup.n` has no cluster to belong to; n: there is no `[cluster]`; \
                    add `[cluster]` with `name = \"production\"` and `region = \"us-east-1\"`";
    assert_eq!(outcome(group).errors, [expected]);
    let errors =
        |name: &str, region: &str| outcome(&format!("[cluster]\nname = '{name}'\nregion = '{region}'\n")).errors;
    let none: [&str; 0] = [];
    for region in ["us-east-1", "ap-southeast-2", "us-gov-west-1", "us-iso-east-1", "eusc-de-east-1", "mx-central-1"] {
        assert_eq!(errors("a", region), none, "{region}");
    }
    for region in ["us-east", "east-1", "us-east-1-a", "US-east-1", "us--1", "us-east-100"] {
        assert_eq!(errors("a", region).len(), 1, "{region}");
    }
    assert_eq!(
        errors("a", "us-east-1b"),
        ["`us-east-1b` is not the name of an AWS region; 'us-east-1b': no region; \
          region = \"us-east-1\": the letter at the end names an availability zone"]
    );
    assert_eq!(errors("wakala-production", "us-east-1"), none);
    assert_eq!(
        errors("wakala_prod.eu", "us-east-1"),
        ["`wakala_prod.eu` is not the name of a cluster: `_` is not allowed; 'wakala_prod.eu': ; \
          write a name of letters, digits and `-` such as `wakala-production`"]
    );
}
