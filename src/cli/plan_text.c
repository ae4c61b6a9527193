#include "cli/plan_text.h"

#include "cli/disks.h"
#include "cli/names.h"
#include "cli/text.h"
#include "dream/estimate.h"
#include "dream/scratch.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

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
    if (d->options.proof)
        fprintf(out, "This is the plan of the picture itself; its proof, which takes less, is not planned\n");
    if (*d->resume)
        fprintf(out,
                "It goes on from %s, at step %" PRId64 " of octave %" PRId64 "; this is what is left of it\n",
                d->resume, d->place.step + 1, d->place.octave);
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

static void print_octaves(const gd_plan *plan, FILE *out)
{
    fprintf(out, "\n%6s %15s %7s %6s %7s %6s %13s %12s  %s\n", "octave", "canvas", "tile", "halo", "tiles",
            "ranks", "MB sent/step", "TFLOP/step", "windows");
    for (int32_t i = 0; i < plan->octave_count; i++) {
        const gd_plan_octave *o = &plan->octaves[i];
        char canvas[48];
        snprintf(canvas, sizeof canvas, "%lldx%lld", (long long)o->cols, (long long)o->rows);
        const double each = o->steps > 0 ? 1.0 / o->steps : 0;
        fprintf(out, "%6d %15s %7lld %6lld %7lld %6d %13.2f %12.3f  ", o->octave, canvas, (long long)o->tile,
                (long long)o->halo, (long long)o->tiles, o->ranks, each * (double)o->sent_bytes / mega,
                each * o->flop / tera);
        print_shapes(&o->shapes, out);
        fputc('\n', out);
    }
}

static void print_line(const char *name, double bytes, const char *note, FILE *out)
{
    fprintf(out, *note ? "  %-22s %9.3f GiB  %s\n" : "  %-22s %9.3f GiB\n", name, bytes / gib, note);
}

static const gd_plan_shape *most_tensors(const gd_plan *plan)
{
    const gd_plan_shape *largest = NULL;
    for (int32_t i = 0; i < plan->shapes.count; i++)
        if (!largest || plan->shapes.shapes[i].arena_bytes > largest->arena_bytes)
            largest = &plan->shapes.shapes[i];
    return largest;
}

static void print_planes(const gd_plan_report *r, FILE *out)
{
    const gd_plan *plan = r->plan;
    char note[GD_PATH_MAX + 128];
    if (!r->room.fit.scratch) {
        print_line("planes", (double)plan->bytes[GD_FOR_PLANES], "canvas and gradient, or old and new canvas",
                   out);
        return;
    }
    snprintf(note, sizeof note,
             "of the planes, %" PRId64 " of %" PRId64
             " blocks of 256 x 256 pixels; the rest is in the scratch",
             r->room.fit.cached, r->room.fit.slots);
    print_line("cache", (double)r->room.fit.cached * (double)GD_SLOT_BYTES, note, out);
}

static void print_tensors(const gd_plan_report *r, FILE *out)
{
    char note[160] = "";
    const gd_plan_shape *largest = most_tensors(r->plan);
    if (largest)
        snprintf(note, sizeof note,
                 "%.1f bytes a pixel of a window of %d x %d; the largest workspace is %.1f MiB",
                 (double)largest->arena_bytes / ((double)largest->rows * largest->cols), largest->cols,
                 largest->rows, (double)r->workspace / (1 << 20));
    print_line("tensors", (double)r->plan->bytes[GD_FOR_TENSORS], note, out);
    print_line("windows", (double)r->plan->bytes[GD_FOR_WINDOWS],
               "under way, with their gradients; no batches", out);
    print_line("messages", (double)r->plan->bytes[GD_FOR_MESSAGES], "to and from other ranks", out);
    print_line("filters", (double)r->plan->filter_bytes, "", out);
}

/* The program itself, and pictures on their way: in the host's memory. */
static void print_outside(const gd_plan_report *r, FILE *out)
{
    const gd_plan *plan = r->plan;
    const double in = (double)(plan->read.band + plan->read.messages + r->outside.reader);
    const double away = (double)(plan->write.band + plan->write.messages + r->outside.writer);
    print_line("program", (double)r->outside.base, "and its libraries", out);
    if (r->outside.preview)
        print_line("preview", (double)r->outside.preview, "on rank 0, now and then", out);
    print_line("reading", in, "the picture, on rank 0, before there are tensors and windows", out);
    print_line("writing", away, "the picture, when these are gone", out);
}

static void print_memory(const gd_plan_report *r, FILE *out)
{
    const gd_plan *plan = r->plan;
    const bool own = plan->device.total_bytes > 0;
    char note[192] = "";
    fprintf(out, "\nMemory of the rank that has most:\n");
    print_planes(r, out);
    print_tensors(r, out);
    if (own) {
        print_line("libraries", (double)plan->device.fixed_bytes, "assumed", out);
        snprintf(note, sizeof note, "of %.3f GiB", (double)plan->device.total_bytes / gib);
        print_line("all", (double)plan->need.total_bytes, note, out);
        return;
    }
    print_outside(r, out);
    snprintf(note, sizeof note, "at once, at most");
    print_line("all", (double)r->room.fit.memory_bytes, note, out);
}

static double octave_pixels(const gd_plan_octave *o)
{
    return (double)o->rows * (double)o->cols;
}

/* What the disks must hold: what no compression makes smaller, and two checkpoints of the largest canvas,
 * since the one before stays until the next is whole. */
static void print_files(const gd_plan_report *r, FILE *out)
{
    const gd_decision *d = r->decision;
    const gd_writer_options writer = gd_disks_output(d);
    char note[GD_PATH_MAX + 64];
    fprintf(out, "\nFiles:\n");
    print_line("picture", gd_disks_picture(d),
               writer.pyramid
                   ? "at most, while it is written with its smaller copies; compression makes it smaller"
                   : "at most; compression makes it smaller",
               out);
    print_line("checkpoints", gd_disks_checkpoint(d), "two, where they are written, less one that is there",
               out);
    if (d->input_waiting) {
        snprintf(note, sizeof note, "to turn it upright, while it is read, in %s", d->input_folder);
        print_line("input", (double)d->input_waiting, note, out);
    }
    if (!r->room.fit.scratch)
        return;
    snprintf(note, sizeof note, "of a rank, in %s", r->room.folder[0] ? r->room.folder : "--scratch DIR");
    print_line("scratch", (double)r->room.fit.scratch_bytes, note, out);
}

static void print_layout(const gd_plan *plan, FILE *out)
{
    enum { BLOCK = 256 };
    const gd_plan_octave *largest = NULL;
    for (int32_t i = 0; i < plan->octave_count; i++)
        if (!largest || octave_pixels(&plan->octaves[i]) > octave_pixels(largest))
            largest = &plan->octaves[i];
    if (!largest)
        return;
    const int64_t blocks = (largest->rows + BLOCK - 1) / BLOCK * ((largest->cols + BLOCK - 1) / BLOCK);
    fprintf(out,
            "Layout of the largest canvas: %" PRId64
            " blocks of 256 x 256 pixels along a Hilbert curve, %" PRId64 " or so on each of %d rank%s\n",
            blocks, (blocks + largest->ranks - 1) / largest->ranks, largest->ranks,
            largest->ranks == 1 ? "" : "s");
}

void gd_duration_text(double seconds, char text[32])
{
    if (seconds < 100)
        snprintf(text, 32, "%.1f s", seconds);
    else if (seconds < 100 * 60)
        snprintf(text, 32, "%.0f min", seconds / 60);
    else if (seconds < 48 * 3600)
        snprintf(text, 32, "%.1f h", seconds / 3600);
    else
        snprintf(text, 32, "%.1f days", seconds / 86400);
}

static void print_time(const gd_plan_report *r, FILE *out)
{
    const gd_device_facts *device = &r->plan->device;
    char time[32], longest[32];
    if (r->estimate.rate <= 0 && device->fast_tflops > 0 && r->plan->flop > 0) {
        gd_duration_text(gd_estimate_seconds(r->plan, device->fast_tflops * tera), time);
        gd_duration_text(gd_estimate_seconds(r->plan, device->slow_tflops * tera), longest);
        fprintf(
            out,
            "Time: %s to %s of computing, as docs/gpu-performance.md predicts for windows of 1024 pixels and "
            "more; nothing of it was measured\n",
            time, longest);
        return;
    }
    if (r->estimate.rate <= 0) {
        fprintf(out, "Time: not estimated, since %s\n",
                r->plan->flop > 0 ? "nothing is known of how fast this device computes windows"
                                  : "nothing is computed but the new size");
        return;
    }
    gd_duration_text(r->estimate.seconds, time);
    fprintf(out,
            "Time: about %s of computing, by one window that was measured here (%.3f TFLOP/s), %d at a time "
            "on each "
            "rank; reading, moving and writing pixels come to it\n",
            time, r->estimate.rate / tera, r->plan->threads);
}

static const char *origin(bool chosen)
{
    return chosen ? "" : " (default)";
}

static void print_choice(const char *name, const char *value, bool given, FILE *out)
{
    fprintf(out, "  %-22s %s%s\n", name, value, origin(given));
}

/* From the dream: what the picture follows from. */
static void print_dream_choices(const gd_decision *d, const gd_options *preset, FILE *out)
{
    const gd_options *o = &d->options, *given = &d->given;
    char text[GD_PATH_MAX];
    gd_layers_text(o, text, sizeof text);
    print_choice("network", gd_architecture_name(o->architecture), o->architecture != preset->architecture,
                 out);
    print_choice("layers", text[0] ? text : "none", true, out);
    snprintf(text, sizeof text, "%d to %d, ratio %g", o->octave_first, o->octave_end - 1, o->octave_scale);
    print_choice("octaves", text,
                 given->octaves_auto || o->octave_first != preset->octave_first ||
                     o->octave_end != preset->octave_end || o->octave_scale != preset->octave_scale,
                 out);
    snprintf(text, sizeof text, "%d", o->steps);
    print_choice("steps", text, o->steps != preset->steps, out);
    gd_schedule_text(&o->step_size, text);
    print_choice("step size", text, o->step_size.start != preset->step_size.start, out);
    snprintf(text, sizeof text, "%" PRIu64, o->seed);
    print_choice("seed", text, o->seed != preset->seed, out);
    gd_schedule_text(&o->tile, text);
    print_choice("tile", text, given->tile.start > 0 || given->tile_auto, out);
    gd_halo_text(o, text);
    print_choice("halo", text, o->halo_kind != preset->halo_kind, out);
    print_choice("detail kept", o->keep_detail ? "yes" : "no", o->keep_detail, out);
}

static void print_machine_choices(const gd_plan_report *r, const gd_options *preset, FILE *out)
{
    const gd_decision *d = r->decision;
    const gd_options *o = &d->options, *given = &d->given;
    const gd_backend *backend = r->engine->backend;
    char text[GD_PATH_MAX];
    print_choice("backend", backend->name, strcmp(given->backend, "auto") != 0, out);
    print_choice("precision", gd_precision_name(backend->precision(r->engine->device)),
                 given->precision != GD_PRECISION_AUTO, out);
    print_choice("weights", d->weights[0] ? d->weights : "none are here", given->weights[0], out);
    snprintf(text, sizeof text, "%d window%s at a time", r->plan->threads, r->plan->threads == 1 ? "" : "s");
    print_choice("threads", text, o->threads > 0, out);
    print_choice("transport", o->transport, strcmp(o->transport, preset->transport) != 0, out);
    if (r->plan->device.total_bytes > 0)
        return;
    gd_budget_text(&r->room.budget, text);
    print_choice("memory", text, true, out);
    print_choice("scratch folder", r->room.folder[0] ? r->room.folder : "none", given->scratch[0], out);
}

static void print_file_choices(const gd_decision *d, const gd_options *preset, FILE *out)
{
    const gd_options *o = &d->options;
    char text[GD_PATH_MAX + 64], every[32];
    snprintf(text, sizeof text, "%s, %d bits%s%s%s", d->output, o->bits, d->kind == GD_FILE_TIFF ? ", " : "",
             d->kind == GD_FILE_TIFF ? gd_compression_name(o->compression) : "",
             d->kind == GD_FILE_TIFF && o->pyramid ? ", with a pyramid" : "");
    print_choice("picture", text, strcmp(o->output, preset->output) != 0, out);
    gd_every_text(o, every);
    snprintf(text, sizeof text, "%s, every %s; not before that", d->checkpoint, every);
    print_choice("checkpoint", text, o->checkpoint[0], out);
}

static void print_choices(const gd_plan_report *r, FILE *out)
{
    gd_options preset;
    gd_options_default(&preset);
    fprintf(out, "\nChosen:\n");
    print_dream_choices(r->decision, &preset, out);
    print_machine_choices(r, &preset, out);
    print_file_choices(r->decision, &preset, out);
}

void gd_plan_print(const gd_plan_report *r, FILE *out)
{
    const gd_plan *plan = r->plan;
    print_head(plan, r->engine, r->decision, out);
    print_octaves(plan, out);
    print_layout(plan, out);
    print_memory(r, out);
    print_files(r, out);
    print_choices(r, out);
    fprintf(out, "\nIn all: %.1f TFLOP, %.1f MB between ranks\n", plan->flop / tera,
            (double)plan->sent_bytes / mega);
    print_time(r, out);
    int32_t busy = 0;
    for (int32_t i = 0; i < plan->octave_count; i++)
        busy = plan->octaves[i].ranks > busy ? plan->octaves[i].ranks : busy;
    if (busy < plan->ranks)
        fprintf(out,
                "No octave has tiles for more than %d of the %d ranks: use a smaller -ts, or fewer ranks\n",
                busy, plan->ranks);
    if (plan->device.total_bytes && plan->need.total_bytes > plan->device.total_bytes)
        fprintf(out, "This does not fit: use a smaller -ts, or -ts auto\n");
    else if (r->refusal.message[0])
        fprintf(out, "This would be refused: %s\n", r->refusal.message);
}
