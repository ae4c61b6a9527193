/* Memory budget of a rank: --memory, or a fair share of what its host allows. */
#ifndef GD_HOST_BUDGET_H
#define GD_HOST_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

/* Where a budget comes from. */
typedef enum gd_budget_source {
    GD_BUDGET_UNKNOWN, /* nothing could be read: there is no bound */
    GD_BUDGET_GIVEN,   /* --memory */
    GD_BUDGET_CGROUP,
    GD_BUDGET_SLURM_NODE, /* SLURM_MEM_PER_NODE */
    GD_BUDGET_SLURM_CPU,  /* SLURM_MEM_PER_CPU times SLURM_CPUS_ON_NODE */
    GD_BUDGET_AVAILABLE,  /* /proc/meminfo's MemAvailable */
    GD_BUDGET_ADDRESS     /* ulimit -v */
} gd_budget_source;

typedef struct gd_budget {
    uint64_t bytes; /* of a rank; UINT64_MAX when unknown */
    uint64_t whole; /* what the host's ranks share, margin included */
    int32_t ranks;  /* that share it */
    gd_budget_source source;
} gd_budget;

/* The smallest of the limits of this process's control group (v1 or v2) and its parents, of what Slurm gives
 * the job on this host, and of the memory that is available now; less a margin of a tenth, shared by `ranks`
 * ranks. `root` stands before /proc and /sys: "" for this host. */
gd_budget gd_budget_find(const char *root, int32_t ranks);

gd_budget gd_budget_given(uint64_t bytes);

/* Lowers it to so many bytes, which the address space of this process allows it. */
void gd_budget_bound(gd_budget *budget, uint64_t bytes);

/* "5.40 GiB a rank: 12.00 GiB of SLURM_MEM_PER_NODE, less a tenth, for 2 ranks". */
void gd_budget_text(const gd_budget *budget, char text[160]);

/* Bytes that this process has in memory now, and most of them so far; 0: unknown. */
typedef struct gd_resident {
    uint64_t now, most;
} gd_resident;
gd_resident gd_resident_read(void);

/* From now on large pieces of memory that are freed go back to the system at once, so that what the process
 * has is what it uses. Before anything large is allocated. */
void gd_resident_tighten(void);

/* Gives back what was freed so far in small pieces. */
void gd_resident_trim(void);

#endif
