#include "cli/plan_text.h"

#include "cli/text.h"

#include <math.h>

static const double gib = 1024.0 * 1024.0 * 1024.0, mega = 1e6, tera = 1e12;

static void print_head(const gd_plan *plan, const gd_engine *engine, const gd_decision *d, FILE *out)
{
    char tile[96];
    gd_schedule_text(&d->options.tile, tile);
    fprintf(out, "%lld x %lld pixels to %s, on %d rank%s of %s\n", (long long)d->base_cols,
            (long long)d->base_rows, d->output, plan->ranks, plan->ranks == 1 ? "" : "s",
            engine->backend->describe(engine->device));
    fprintf(out, "%s, %d layer%s, reach %d px, stride %d px; tiles of %s px%s; %d steps in each octave\n",
            engine->net->title, d->objective.count, d->objective.count == 1 ? "" : "s", engine->reach,
            engine->stride, tile, d->options.tile_auto ? " (auto)" : "", d->options.steps);
}

/* "2176x2176 1152x2176": at most three, then how many more. */
static void print_shapes(const gd_plan_shapes *shapes, FILE *out)
{
    enum { SHOWN = 3 };
    for (int32_t i = 0; i < shapes->count && i < SHOWN; i++)
        fprintf(out, "%s%dx%d", i ? " " : "", shapes->shapes[i].cols, shapes->shapes[i].rows);
    if (shapes->count > SHOWN)
        fprintf(out, " +%d", shapes->count - SHOWN);
    if (shapes->count == 0)
        fputc('-', out);
}

static void print_octaves(const gd_plan *plan, int32_t steps, FILE *out)
{
    fprintf(out, "\n%6s %15s %7s %6s %7s %6s %13s %12s  %s\n", "octave", "canvas", "tile", "halo", "tiles",
            "ranks", "MB sent/step", "TFLOP/step", "windows");
    for (int32_t i = 0; i < plan->octave_count; i++) {
        const gd_plan_octave *o = &plan->octaves[i];
        char canvas[48];
        snprintf(canvas, sizeof canvas, "%lldx%lld", (long long)o->cols, (long long)o->rows);
        const double each = steps > 0 ? 1.0 / steps : 0;
        fprintf(out, "%6d %15s %7lld %6lld %7lld %6d %13.2f %12.3f  ", o->octave, canvas, (long long)o->tile,
                (long long)o->halo, (long long)o->tiles, o->ranks, each * (double)o->sent_bytes / mega,
                each * o->flop / tera);
        print_shapes(&o->shapes, out);
        fputc('\n', out);
    }
}

static void print_line(const char *name, double bytes, const char *note, FILE *out)
{
    fprintf(out, "  %-22s %9.3f GiB  %s\n", name, bytes / gib, note);
}

static void print_memory(const gd_plan *plan, size_t workspace, FILE *out)
{
    char note[128] = "";
    fprintf(out, "\nMemory of the rank that has most:\n");
    print_line("planes", (double)plan->bytes[GD_FOR_PLANES], "canvas and gradient, or old and new canvas",
               out);
    const gd_plan_shape *largest = NULL;
    for (int32_t i = 0; i < plan->shapes.count; i++)
        if (!largest || plan->shapes.shapes[i].arena_bytes > largest->arena_bytes)
            largest = &plan->shapes.shapes[i];
    if (largest)
        snprintf(note, sizeof note,
                 "%.1f bytes a pixel of a window of %d x %d; the largest workspace is %.1f MiB",
                 (double)largest->arena_bytes / ((double)largest->rows * largest->cols), largest->cols,
                 largest->rows, (double)workspace / (1 << 20));
    print_line("tensors", (double)plan->bytes[GD_FOR_TENSORS], note, out);
    print_line("windows", (double)plan->bytes[GD_FOR_WINDOWS], "under way, with their gradients; no batches",
               out);
    print_line("messages", (double)plan->bytes[GD_FOR_MESSAGES], "to and from other ranks", out);
    print_line("filters", (double)plan->filter_bytes, "", out);
    if (plan->device.fixed_bytes)
        print_line("libraries", (double)plan->device.fixed_bytes, "assumed", out);
    note[0] = '\0';
    if (plan->device.total_bytes)
        snprintf(note, sizeof note, "of %.3f GiB", (double)plan->device.total_bytes / gib);
    print_line("all", (double)plan->need.total_bytes, note, out);
}

/* What the disk must hold: samples as they are before any compression, and two checkpoints of the largest
 * canvas, since the one before stays until the next is whole. */
static void print_files(const gd_plan *plan, const gd_decision *d, FILE *out)
{
    const gd_options *o = &d->options;
    double pixels = (double)d->base_rows * (double)d->base_cols, canvas = pixels;
    for (int32_t i = 0; i < plan->octave_count; i++)
        canvas = fmax(canvas, (double)plan->octaves[i].rows * (double)plan->octaves[i].cols);
    if (!o->final_resize && plan->octave_count > 0) {
        const gd_plan_octave *last = &plan->octaves[plan->octave_count - 1];
        pixels = (double)last->rows * (double)last->cols;
    }
    const bool pyramid = d->kind == GD_FILE_TIFF && o->pyramid;
    fprintf(out, "\nFiles:\n");
    print_line("picture", pixels * 3 * (o->bits / 8.0) * (pyramid ? 4.0 / 3 : 1),
               pyramid ? "at most, with its smaller copies; compression makes it smaller"
                       : "at most; compression makes it smaller",
               out);
    print_line("checkpoints", 2 * canvas * 3 * sizeof(float), "two, where they are written", out);
}

void gd_plan_print(const gd_plan *plan, const gd_engine *engine, const gd_decision *decision,
                   size_t workspace, FILE *out)
{
    print_head(plan, engine, decision, out);
    print_octaves(plan, decision->options.steps, out);
    print_memory(plan, workspace, out);
    print_files(plan, decision, out);
    fprintf(out, "\nIn all: %.1f TFLOP, %.1f MB between ranks\n", plan->flop / tera,
            (double)plan->sent_bytes / mega);
    int32_t busy = 0;
    for (int32_t i = 0; i < plan->octave_count; i++)
        busy = plan->octaves[i].ranks > busy ? plan->octaves[i].ranks : busy;
    if (busy < plan->ranks)
        fprintf(out,
                "No octave has tiles for more than %d of the %d ranks: use a smaller -ts, or fewer ranks\n",
                busy, plan->ranks);
    if (plan->device.total_bytes && plan->need.total_bytes > plan->device.total_bytes)
        fprintf(out, "This does not fit: use a smaller -ts, or -ts auto\n");
}
