/* Plans the cells of a sheet on rank 0, has each rendered as a command of its own, and writes the page. */
#include "cli/sheet.h"

#include "cli/sheet_page.h"
#include "files/presets.h"
#include "files/weights_path.h"
#include "job/memory_check.h"
#include "mpi/agree.h"
#include "options/flag_find.h"
#include "options/layers.h"
#include "options/like.h"
#include "options/options_parse.h"
#include "options/parameter_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STRONGEST = 48, CHANNELS_MAX = 4096, NUMBERS = 10000 };

typedef struct sheet {
    gd_options options;
    gd_argv_words words; /* owned; the command, expanded */
    gd_sheet_page page;  /* owned */
    char **cell;         /* owned; the words of a cell's command: those of `words` that count, then its own */
    int count;
    gd_sheet_cell ranked; /* strong48 of the layer whose strongest channels are the cells; else empty */
    char crop[GD_PATH_MAX + 16], picture[GD_PATH_MAX + 16];
} sheet;

bool gd_sheet_asked(int argc, char *const *argv)
{
    for (int i = 1; i < argc; i++)
        if (gd_flag_find(argv[i]) == GD_FLAG_SHEET)
            return true;
    return false;
}

static gd_status parse(sheet *s, int argc, char *const *argv, gd_error *error)
{
    gd_options *o = &s->options;
    gd_status status = gd_parameters_expand(argc, argv, &s->words, error);
    if (status == GD_OK)
        status = gd_presets_expand(&s->words, error);
    if (status == GD_OK)
        status = gd_like_parse(s->words.count, s->words.items, o, error);
    if (status != GD_OK)
        return status;
    if (gd_options_noise(o))
        return gd_fail(error, GD_USAGE, "--sheet: it is of a photograph; name one with -img, before --sheet");
    if (o->action != GD_ACTION_RENDER || o->proof || *o->resume)
        return gd_fail(
            error, GD_USAGE,
            "--sheet: it neither plans, proves nor resumes; leave --dry-run, --proof and the like out");
    return GD_OK;
}

/* Reads NAME, whose channels are then to be ranked, or NAME:A-B, of a layer that the weights have. */
static gd_status list_channels(sheet *s, const gd_net *net, const bool *held, gd_error *error)
{
    const char *what = s->options.sheet, *colon = strrchr(what, ':');
    const int length = (int)(colon ? colon - what : (long)strlen(what));
    char name[GD_NODE_NAME_MAX], after = '\0';
    int first = 0, last = 0;
    snprintf(name, sizeof name, "%.*s", length, what);
    const gd_layer *layer = NULL;
    for (int32_t i = 0; i < net->layer_count; i++)
        if (strcmp(net->layers[i].name, name) == 0 && held[i])
            layer = &net->layers[i];
    if (!layer)
        return gd_fail(
            error, GD_USAGE,
            "--sheet %.100s: the weights have no such layer; give one of the list, as mixed3, with "
            "channels, as mixed3:0-7, or nothing for all layers, and -img for the photograph",
            what);
    const int channels = net->nodes[layer->node].channels;
    if (!colon) {
        snprintf(s->ranked.layers, sizeof s->ranked.layers, "%s:strong%d", name,
                 channels < STRONGEST ? channels : STRONGEST);
        snprintf(s->ranked.file, sizeof s->ranked.file, "ranked.jpg");
        return GD_OK;
    }
    if (sscanf(colon, ":%d-%d%c", &first, &last, &after) != 2 || first < 0 || last < first ||
        last >= channels || last - first >= CHANNELS_MAX)
        return gd_fail(error, GD_USAGE, "--sheet %.100s: give channels of %.60s from 0 to %d, as %.60s:0-7",
                       what, name, channels - 1, name);
    gd_status status = GD_OK;
    for (int i = first; i <= last && status == GD_OK; i++)
        status = gd_sheet_page_add(&s->page, name, i, error);
    return status;
}

static gd_status list_cells(sheet *s, gd_error *error)
{
    gd_weights_search *search = NULL;
    const gd_allowance allowance = gd_memory_check_allowance(&s->options, 1);
    gd_net *net = gd_net_create(s->options.architecture);
    if (!net)
        return gd_no_memory(error, "the network's table");
    gd_status status = gd_weights_find(&s->options, net, &allowance, &search, error);
    if (status == GD_OK && strcmp(s->options.sheet, "layers") != 0)
        status = list_channels(s, net, search->layers, error);
    else
        for (int32_t i = 0; status == GD_OK && i < net->listed_count; i++)
            if (search->layers[i])
                status = gd_sheet_page_add(&s->page, net->layers[i].name, -1, error);
    if (status == GD_OK && s->page.count == 0 && !*s->ranked.layers)
        status = gd_fail(error, GD_USAGE, "--sheet: no weights of %s were found; %.300s downloads them",
                         net->title, search->fetch);
    gd_weights_search_free(search);
    gd_net_free(net);
    return status;
}

static gd_status make_folder(sheet *s, gd_error *error)
{
    char stem[GD_OUTPUT_STEM_MAX], *folder = s->page.folder;
    gd_options_output_stem(&s->options, stem);
    snprintf(folder, sizeof s->page.folder, "%s_sheet", stem);
    int made = mkdir(folder, 0777);
    for (int n = 2; n < NUMBERS && made != 0 && errno == EEXIST; n++) {
        snprintf(folder, sizeof s->page.folder, "%s_sheet_%d", stem, n);
        made = mkdir(folder, 0777);
    }
    snprintf(s->crop, sizeof s->crop, "%s/crop.png", folder);
    if (made == 0)
        return GD_OK;
    return gd_fail(error, GD_USAGE, "--sheet: the folder %s cannot be made (%s); start in another folder",
                   folder, strerror(errno));
}

/* Whether a flag of the command counts for the cells: the look but for the layers, and the machine. */
static bool counts(int id)
{
    const gd_flag *flag = &gd_flags[id];
    return id != GD_FLAG_LAYERS &&
           (flag->traits & GD_FLAG_LOOK || id == GD_FLAG_LIKE || flag->group == GD_GROUP_MACHINE);
}

/* Collects the words that all cells have; those of this program first, which the user's override. */
static gd_status share_words(sheet *s, gd_error *error)
{
    static char *const own[] = {"gigadream", "-or", "-2", "1", "-osc", "1.4", "--quiet"};
    enum { OWN = sizeof own / sizeof *own, OF_A_CELL = 6 };
    const gd_argv_words *w = &s->words;
    s->cell = malloc((size_t)(OWN + w->count + OF_A_CELL + 1) * sizeof *s->cell);
    if (!s->cell)
        return gd_no_memory(error, "the commands of a sheet");
    memcpy(s->cell, own, sizeof own);
    s->count = OWN;
    for (int at = 1; at < w->count;) {
        const int id = gd_flag_find(w->items[at]), next = gd_options_next(w->count, w->items, at);
        for (int i = at; id >= 0 && counts(id) && i < next; i++)
            s->cell[s->count++] = w->items[i];
        at = next;
    }
    return GD_OK;
}

static gd_status prepare(sheet *s, int argc, char *const *argv, gd_error *error)
{
    gd_status status = parse(s, argc, argv, error);
    if (status == GD_OK)
        status = list_cells(s, error);
    if (status == GD_OK)
        status = share_words(s, error);
    if (status == GD_OK)
        status = make_folder(s, error);
    if (status != GD_OK)
        return status;
    status = gd_sheet_crop(&s->options, s->crop, error);
    if (status != GD_OK)
        (void)rmdir(s->page.folder); /* if it is empty */
    return status;
}

/* Completes the words of a cell. */
static int cell_words(sheet *s, gd_sheet_cell *cell)
{
    int count = s->count;
    snprintf(s->picture, sizeof s->picture, "%s/%s", s->page.folder, cell->file);
    char *const own[] = {"-img", s->crop, "-ml", cell->layers, "-img_out", s->picture};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        s->cell[count++] = own[i];
    s->cell[count] = NULL;
    return count;
}

/* Says that cell `number` begins, and completes its words. */
static int begin_cell(sheet *s, int number)
{
    gd_sheet_cell *cell = &s->page.cells[number];
    if (!s->options.quiet)
        fprintf(stderr, "cell %d of %d: %s\n", number + 1, s->page.count, cell->layers);
    return cell_words(s, cell);
}

static char *const no_words[] = {"gigadream", NULL};

/* Ranks the channels of a layer on the crop; the strongest become the cells. */
static gd_status rank_cells(gd_comm *comm, sheet *s, const gd_sheet_calls *calls, gd_error *error)
{
    const bool root = gd_comm_rank(comm) == 0;
    gd_chosen_layers ranked;
    const int count = root ? cell_words(s, &s->ranked) : 1;
    gd_status status = calls->rank(calls->context, count, root ? s->cell : no_words, &ranked, error);
    for (int32_t r = 0; root && status == GD_OK && r < ranked.channel_run_count; r++)
        for (int32_t i = 0; i < ranked.channel_runs[r].count && status == GD_OK; i++)
            status =
                gd_sheet_page_add(&s->page, ranked.layers[0].name, ranked.channel_runs[r].first + i, error);
    if (root)
        snprintf(s->page.note, sizeof s->page.note, ", and its %d strongest channels (%s) by number",
                 s->page.count, s->ranked.layers);
    return gd_comm_agree(comm, status, error);
}

static gd_status render_all(gd_comm *comm, sheet *s, int32_t cells, const gd_sheet_calls *calls,
                            gd_error *error)
{
    const bool root = gd_comm_rank(comm) == 0;
    gd_status status = GD_OK;
    for (int32_t i = 0; i < cells && status == GD_OK; i++) {
        const int count = root ? begin_cell(s, i) : 1;
        status = calls->render(calls->context, count, root ? s->cell : no_words, error);
    }
    return status;
}

/* Makes the cells of all ranks: what is planned, ranked if it must be, and rendered. */
static gd_status make_cells(gd_comm *comm, sheet *s, const gd_sheet_calls *calls, gd_error *error)
{
    bool ranked = *s->ranked.layers;
    gd_status status = gd_comm_broadcast(comm, &ranked, sizeof ranked, error);
    if (status == GD_OK && ranked)
        status = rank_cells(comm, s, calls, error);
    int32_t cells = s->page.count;
    if (status == GD_OK)
        status = gd_comm_broadcast(comm, &cells, sizeof cells, error);
    return status == GD_OK ? render_all(comm, s, cells, calls, error) : status;
}

gd_status gd_sheet(gd_comm *comm, int argc, char *const *argv, const gd_sheet_calls *calls, gd_error *error)
{
    const bool root = gd_comm_rank(comm) == 0;
    sheet *s = calloc(1, sizeof *s);
    gd_status status = s ? GD_OK : gd_no_memory(error, "a sheet");
    if (status == GD_OK && root)
        status = prepare(s, argc, argv, error);
    status = gd_comm_agree(comm, status, error);
    if (status == GD_OK)
        status = make_cells(comm, s, calls, error);
    if (status == GD_OK && root)
        status = gd_sheet_page_write(&s->page, &s->options, error);
    if (s) {
        gd_argv_words_free(&s->words);
        gd_sheet_page_free(&s->page);
        free(s->cell);
    }
    free(s);
    return gd_comm_agree(comm, status, error);
}
