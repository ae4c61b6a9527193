"""The cluster of tests/slurm, as ReFrame knows one: two nodes of this machine, srun with PMIx."""
site_configuration = {
    "systems": [{
        "name": "loopback",
        "hostnames": [".*"],
        "partitions": [{"name": "nodes", "scheduler": "squeue", "launcher": "srun", "environs": ["plain"], "max_jobs": 1,
                        "access": ["--time=10"], "sched_options": {"use_nodes_option": False}}],
    }],
    "environments": [{"name": "plain", "cc": "cc", "cxx": "c++", "ftn": ""}],
}
