/* Memory budget of a rank: --memory, or an equal share of the host's limit. */
#ifndef GD_HOST_BUDGET_H
#define GD_HOST_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

/* Where a budget comes from. */
typedef enum gd_budget_source {
    GD_BUDGET_UNKNOWN, /* no limit could be read: unlimited */
    GD_BUDGET_GIVEN,   /* --memory */
    GD_BUDGET_CGROUP,
    GD_BUDGET_SLURM_NODE, /* SLURM_MEM_PER_NODE */
    GD_BUDGET_SLURM_CPU,  /* SLURM_MEM_PER_CPU times SLURM_CPUS_ON_NODE */
    GD_BUDGET_AVAILABLE,  /* /proc/meminfo's MemAvailable */
    GD_BUDGET_ADDRESS     /* ulimit -v */
} gd_budget_source;

typedef struct gd_budget {
    uint64_t bytes; /* for one rank; UINT64_MAX when unknown */
    uint64_t whole; /* for all ranks of the host, margin included */
    int32_t ranks;  /* that share `whole` */
    gd_budget_source source;
} gd_budget;

/* The smallest of: the limits of this process's control group (v1 or v2) and its parents, Slurm's limit for
 * the job on this host, and the memory that is available now. A margin of a tenth is subtracted, and `ranks`
 * ranks share the rest. `root` is prefixed to /proc and /sys: "" for this host. */
gd_budget gd_budget_find(const char *root, int32_t ranks);

/* The budget that the user gave (--memory). */
gd_budget gd_budget_given(uint64_t bytes);

/* Lowers the budget to `bytes`, the limit from the address space of this process. */
void gd_budget_bound(gd_budget *budget, uint64_t bytes);

/* "5.40 GiB a rank: 12.00 GiB of SLURM_MEM_PER_NODE, less a tenth, for 2 ranks". */
void gd_budget_text(const gd_budget *budget, char text[160]);

/* Resident memory of this process in bytes, now and at its peak; 0: unknown. */
typedef struct gd_resident {
    uint64_t now, most;
} gd_resident;
gd_resident gd_resident_read(void);

/* Makes free() return large blocks to the system at once, so that resident memory equals used memory. Call it
 * before anything large is allocated. */
void gd_resident_tighten(void);

/* Returns freed small blocks to the system. */
void gd_resident_trim(void);

#endif
