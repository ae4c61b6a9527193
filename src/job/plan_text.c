/* Prints a plan as tables for users: time, octaves, memory, files and chosen settings. */
#include "job/plan_text.h"

#include "canvas/block_cache.h"
#include "files/preview_names.h"
#include "job/disks.h"
#include "job/prepare.h"
#include "job/run_proof.h"
#include "options/enum_names.h"
#include "options/flag_values.h"
#include "options/layers.h"
#include "options/layers/ranks.h"
#include "options/special_values.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const double gib = 1024.0 * 1024.0 * 1024.0, mega = 1e6, tera = 1e12;

static const char *plural(int64_t count)
{
    return count == 1 ? "" : "s";
}

static void print_head(const gd_plan_report *r, FILE *out)
{
    const gd_plan *plan = r->plan;
    const gd_engine *engine = r->engine;
    const gd_decision *d = r->decision;
    char tile[96], whole[GD_PATH_MAX], name[GD_PATH_MAX], frames[48] = "", within[48] = "";
    gd_schedule_text(&d->settings.tile, tile);
    if (r->way && gd_file_names_proof(d->files.output, 0, whole, NULL) == GD_OK)
        fprintf(out, "A proof, %s and three crops of %lld x %lld pixels, of\n", whole,
                (long long)r->way->levels[r->way->octaves].part_cols,
                (long long)r->way->levels[r->way->octaves].part_rows);
    if (*d->files.frames)
        gd_preview_path(d->files.frames, d->files.frame_first, name);
    else
        snprintf(name, sizeof name, "%s", *d->files.output ? d->files.output : d->files.web);
    if (*d->files.frames)
        snprintf(frames, sizeof frames, " and so on, %d frame%s", d->options.frames,
                 plural(d->options.frames));
    fprintf(out, "%lld x %lld pixels to %s%s, on %d rank%s of %s\n", (long long)d->settings.base_cols,
            (long long)d->settings.base_rows, name, frames, plan->ranks, plural(plan->ranks),
            engine->backend->describe(engine->device));
    if (engine->backend->kind && d->processor.words[0])
        fprintf(out, "%s\n", d->processor.words);
    fprintf(out, "%s, %d layer%s, reach %d px, stride %d px; tiles of %s px%s; %d steps in each octave\n",
            engine->net->title, d->objective.count, plural(d->objective.count), engine->reach, engine->stride,
            tile, d->options.tile_auto ? " (auto)" : "", d->options.steps);
    if (*d->files.frames)
        snprintf(within, sizeof within, " of frame %" PRId64, d->place.frame);
    if (*d->files.resume)
        fprintf(out,
                "Resumed from %s, at step %" PRId64 " of octave %" PRId64 "%s; the plan covers the rest\n",
                d->files.resume, d->place.step + 1, d->place.octave, within);
}

/* Whether an earlier shape has the same extents, and another focus. */
static bool is_repeated(const gd_plan_shapes *shapes, int32_t index)
{
    const gd_window_shape *own = &shapes->shapes[index].window;
    for (int32_t i = 0; i < index; i++)
        if (shapes->shapes[i].window.rows == own->rows && shapes->shapes[i].window.cols == own->cols)
            return true;
    return false;
}

/* "2176x2176 1152x2176": at most three extents, then the number of others. */
static void print_shapes(const gd_plan_shapes *shapes, FILE *out)
{
    enum { SHOWN = 3 };
    int32_t count = 0;
    for (int32_t i = 0; i < shapes->count; i++) {
        if (is_repeated(shapes, i))
            continue;
        if (count++ < SHOWN)
            fprintf(out, "%s%dx%d", count > 1 ? " " : "", shapes->shapes[i].window.cols,
                    shapes->shapes[i].window.rows);
    }
    if (count > SHOWN)
        fprintf(out, " +%d", count - SHOWN);
    if (shapes->count == 0)
        fputc('-', out);
}

/* The traffic column is empty for a proof, whose plan has no traffic. most/mean is gd_plan_octave.uneven. */
static void print_octaves(const gd_plan *plan, bool proof, FILE *out)
{
    fprintf(out, "\n%6s %15s %7s %6s %7s %6s %9s %13s %12s  %s\n", "octave", "canvas", "tile", "halo",
            "tiles", "ranks", "most/mean", "MB sent/step", "TFLOP/step", "windows");
    for (int32_t i = 0; i < plan->octave_count; i++) {
        const gd_plan_octave *o = &plan->octaves[i];
        char canvas[64], parts[16] = "", sent[32] = "-";
        if (o->parts > 1)
            snprintf(parts, sizeof parts, "%d of ", o->parts);
        snprintf(canvas, sizeof canvas, "%s%lldx%lld", parts, (long long)o->cols, (long long)o->rows);
        const double each = o->steps > 0 ? 1.0 / o->steps : 0;
        if (!proof)
            snprintf(sent, sizeof sent, "%.2f", each * (double)o->sent_bytes / mega);
        fprintf(out, "%6d %15s %7lld %6lld %7lld %6d %9.2f %13s %12.3f  ", o->octave, canvas,
                (long long)o->tile, (long long)o->halo, (long long)o->tiles, o->ranks, o->uneven, sent,
                each * o->flop / tera);
        print_shapes(&o->shapes, out);
        fputc('\n', out);
    }
}

static void print_halo(const gd_halo_report *h, FILE *out)
{
    if (h->exact == 0)
        return;
    fprintf(out, "\nOn %lld x %lld pixels, the halo of %lld pixels takes %.2f of the work without one",
            (long long)h->cols, (long long)h->rows, (long long)h->halo, h->ratio);
    if (h->halo >= h->exact)
        fprintf(out, ", and is exact: the gradient is that of the whole picture\n");
    else if (h->exact_ratio > 0)
        fprintf(out, "; an exact one, of %lld pixels, would take %.2f\n", (long long)h->exact,
                h->exact_ratio);
    else
        fprintf(out, "; an exact one, of %lld pixels, would need too large a window\n", (long long)h->exact);
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
    if (!r->memory.fit.scratch) {
        print_line("planes", (double)plan->bytes[GD_FOR_PLANES], "canvas and gradient, or old and new canvas",
                   out);
        return;
    }
    snprintf(note, sizeof note,
             "of the planes, %" PRId64 " of %" PRId64
             " blocks of 256 x 256 pixels; the rest is in the scratch",
             r->memory.fit.cached, r->memory.fit.slots);
    print_line("cache", (double)r->memory.fit.cached * (double)GD_SLOT_BYTES, note, out);
}

static void print_tensors(const gd_plan_report *r, FILE *out)
{
    char note[160] = "";
    const gd_plan_shape *largest = most_tensors(r->plan);
    if (largest)
        snprintf(note, sizeof note,
                 "%.1f bytes a pixel of a window of %d x %d; the largest workspace is %.1f MiB",
                 (double)largest->arena_bytes / ((double)largest->window.rows * largest->window.cols),
                 largest->window.cols, largest->window.rows, (double)r->workspace / (1 << 20));
    print_line("tensors", (double)r->plan->bytes[GD_FOR_TENSORS], note, out);
    print_line("windows", (double)r->plan->bytes[GD_FOR_WINDOWS],
               "under way, with their gradients; no batches", out);
    print_line("messages", (double)r->plan->bytes[GD_FOR_MESSAGES], "to and from other ranks", out);
    print_line("filters", (double)r->plan->filter_bytes, "", out);
}

/* Host memory of the program itself, and for reading and writing pictures. */
static void print_outside(const gd_plan_report *r, FILE *out)
{
    const gd_plan *plan = r->plan;
    const double in = (double)(plan->read.band + plan->read.messages + r->outside.reader);
    const double away = (double)(plan->write.band + plan->write.messages + r->outside.writer);
    print_line("program", (double)r->outside.base, "and its libraries", out);
    if (r->outside.preview)
        print_line("preview", (double)r->outside.preview, "on rank 0, now and then", out);
    if (r->outside.live)
        print_line("live view", (double)r->outside.live, "tiles for the web, after an octave", out);
    if (r->outside.sample)
        print_line("samples", (double)r->outside.sample,
                   "for ranked channels and a guide, on rank 0, before there is anything else", out);
    print_line("reading", in, "the picture, on rank 0, before there are tensors and windows", out);
    print_line("writing", away, "the picture, when these are gone", out);
}

static void print_memory(const gd_plan_report *r, FILE *out)
{
    const gd_plan *plan = r->plan;
    const bool own = plan->device.total_bytes > 0;
    char note[192] = "";
    fprintf(out, "\nMemory of the rank with the most:\n");
    print_planes(r, out);
    print_tensors(r, out);
    if (own) {
        print_line("libraries", (double)plan->device.fixed_bytes,
                   plan->device.fixed_bytes == plan->device.assumed_bytes ? "assumed" : "measured", out);
        snprintf(note, sizeof note, "of %.3f GiB", (double)plan->device.total_bytes / gib);
        print_line("all", (double)plan->need.total_bytes, note, out);
        return;
    }
    print_outside(r, out);
    snprintf(note, sizeof note, "at once, at most");
    print_line("all", (double)r->memory.fit.memory_bytes, note, out);
}

static double octave_pixels(const gd_plan_octave *o)
{
    return (double)o->rows * (double)o->cols;
}

static double proof_bytes(const gd_proof_geometry *way)
{
    const gd_proof_level *crop = &way->levels[way->octaves];
    return 3.0 * ((double)(way->whole_rows * way->whole_cols) +
                  (double)GD_PROOF_CROPS * (double)(crop->part_rows * crop->part_cols));
}

/* Disk space: uncompressed pictures, and two checkpoints of the largest canvas, because the previous one is
 * kept until the next is complete. */
static void print_files(const gd_plan_report *r, FILE *out)
{
    const gd_decision *d = r->decision;
    const gd_writer_options writer = gd_disks_output(d);
    char note[GD_PATH_MAX + 64];
    fprintf(out, "\nFiles:\n");
    if (r->way) {
        print_line("pictures", proof_bytes(r->way), "four, at most; JPEG makes them smaller", out);
        return;
    }
    if (*d->files.web) {
        const gd_web_space tiles = gd_disks_tiles(d);
        snprintf(note, sizeof note, "%lld for the web, with views meanwhile, if all were noise",
                 (long long)tiles.tiles);
        print_line("tiles", tiles.bytes, note, out);
    }
    if (*d->files.output)
        print_line(*d->files.frames ? "frames" : "picture", gd_disks_pictures(d),
                   writer.pyramid
                       ? "at most, while it is written with its smaller copies; compression makes it smaller"
                       : "at most; compression makes it smaller",
                   out);
    print_line("checkpoints", gd_disks_checkpoint(d), "space for two, minus the existing one", out);
    if (d->input_waiting) {
        snprintf(note, sizeof note, "for turning it upright while it is read, in %s", d->input_folder);
        print_line("input", (double)d->input_waiting, note, out);
    }
    if (!r->memory.fit.scratch)
        return;
    snprintf(note, sizeof note, "of a rank, in %s", r->memory.folder[0] ? r->memory.folder : "--scratch DIR");
    print_line("scratch", (double)r->memory.fit.scratch_bytes, note, out);
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

/* Predicts the time for a device that cannot be measured here. */
static void print_predicted(const gd_plan *plan, FILE *out)
{
    const gd_device_facts *device = &plan->device;
    char time[32], longest[32];
    if (device->fast_tflops <= 0 || plan->flop <= 0) {
        fprintf(out, "Time: not estimated, since %s\n",
                plan->flop > 0 ? "the speed of this device is not known" : "the picture is only resized");
        return;
    }
    gd_duration_text(gd_estimate_seconds(plan, device->fast_tflops * tera), time);
    gd_duration_text(gd_estimate_seconds(plan, device->slow_tflops * tera), longest);
    fprintf(out,
            "Time: %s to %s of computing, as predicted in docs/gpu-performance.md for windows of 1024 pixels "
            "and more; not measured\n",
            time, longest);
}

static void print_time(const gd_plan_report *r, FILE *out)
{
    const gd_estimate *e = &r->estimate;
    char time[32], share[GD_PROOF_SHARE_BYTES];
    if (e->rate <= 0) {
        print_predicted(r->plan, out);
    } else {
        gd_duration_text(e->seconds, time);
        fprintf(out,
                "Time: about %s of computing, measured on windows of %d size%s (%.3f TFLOP/s, %d at a time "
                "on each rank); reading, communication and writing are extra\n",
                time, e->measured, plural(e->measured), e->rate / tera, r->plan->threads);
    }
    if (r->way && r->plan->flop > 0) {
        gd_run_proof_share_text(gd_proof_share(r->way), share);
        fprintf(out, "It takes %s\n", share);
    }
}

/* Chosen settings: a line each for given or automatic ones, with the reason, and one line for all defaults.
 */
typedef struct choices {
    FILE *out;
    char defaults[4 * GD_PATH_MAX];
} choices;

static void choose(choices *c, const char *name, const char *value, bool given)
{
    const size_t length = strlen(c->defaults);
    if (given)
        fprintf(c->out, "  %-22s %s\n", name, value);
    else
        snprintf(c->defaults + length, sizeof c->defaults - length, "%s%s %s", length ? "; " : "", name,
                 value);
}

/* Prints a setting; an automatic one gets its own line with its reason. */
static void choose_setting(choices *c, const gd_settings *s, gd_setting setting, const char *value,
                           bool given)
{
    const char *name = setting == GD_SETTING_SIZE ? "picture size" : gd_setting_name(setting);
    if (s->why[setting][0])
        fprintf(c->out, "  %-22s %s (%s)\n", name, value, s->why[setting]);
    else
        choose(c, name, value, given);
}

/* How the frames of a sequence follow each other. */
static void choose_motion(choices *c, const gd_options *o)
{
    char text[128];
    const gd_motion motion = gd_options_motion(o);
    if (gd_motion_moves(&motion))
        snprintf(text, sizeof text, "zoom %g, %g degrees to the left, %g,%g pixels", o->zoom, o->rotate,
                 o->shift_x, o->shift_y);
    choose(c, "frames move by", gd_motion_moves(&motion) ? text : "nothing", true);
    if (gd_options_flow(o))
        choose(c, "and follow", o->flow, true);
    choose(c, "rolls", o->seed_per_frame ? "of each frame" : "the same in each frame", o->seed_per_frame);
}

/* Settings that affect the picture. */
static void choose_dream(choices *c, const gd_decision *d, const gd_options *preset)
{
    const gd_options *o = &d->options;
    const gd_settings *s = &d->settings;
    char text[GD_PATH_MAX];
    (void)gd_print_layers(o, text, sizeof text);
    choose(c, "network", gd_enum_text(gd_architecture_names, (int)o->architecture),
           o->architecture != preset->architecture);
    choose(c, "layers", text[0] ? text : "none", true);
    if (*o->guide && gd_print_guide(o, text, sizeof text))
        choose(c, "guide", text, true);
    if (gd_ranks_wanted(&o->chosen) && s->chosen.layer_count == 0)
        choose(c, "channels", "ranked when the render starts; planned as if all of their layers counted",
               true);
    else if (gd_ranks_wanted(&o->chosen))
        choose_setting(c, s, GD_SETTING_CHANNELS, "ranked", true);
    snprintf(text, sizeof text, "%d to %d, ratio %g", s->octave_first, s->octave_end - 1, o->octave_scale);
    choose_setting(c, s, GD_SETTING_OCTAVES, text,
                   o->octave_first != preset->octave_first || o->octave_end != preset->octave_end ||
                       o->octave_scale != preset->octave_scale);
    snprintf(text, sizeof text, "%d", o->steps);
    choose(c, "steps", text, o->steps != preset->steps);
    gd_schedule_text(&o->step_size, text);
    choose(c, "step size", text, o->step_size.start != preset->step_size.start);
    snprintf(text, sizeof text, "%" PRIu64, o->seed);
    choose(c, "seed", text, o->seed != preset->seed);
    gd_schedule_text(&s->tile, text);
    choose_setting(c, s, GD_SETTING_TILE, text, o->tile.start > 0);
    (void)gd_print_halo(o, text, sizeof text);
    choose(c, "halo", text, o->halo_kind != preset->halo_kind);
    gd_schedule_text(&o->smooth, text);
    choose(c, "smoothing", text, gd_options_smooth(o));
    gd_number_text(o->tv, text);
    choose(c, "total variation", text, o->tv > 0);
    choose(c, "normalized by", gd_enum_text(gd_normalize_names, (int)o->normalize),
           o->normalize != preset->normalize);
    gd_number_text(o->strength, text);
    choose(c, "strength", text, o->strength < 1);
    if (o->frames > 0)
        choose_motion(c, o);
    if (gd_options_masked(o))
        snprintf(text, sizeof text, "%.180s, %.0f %% white", o->mask, 100 * d->mask.mean);
    choose(c, "mask", gd_options_masked(o) ? text : "no", gd_options_masked(o));
    choose(c, "colours kept", o->keep_colors ? "yes" : "no", o->keep_colors);
    choose(c, "detail kept", o->keep_detail ? "yes" : "no", o->keep_detail);
}

static void choose_machine(choices *c, const gd_plan_report *r)
{
    const gd_decision *d = r->decision;
    const gd_options *o = &d->options;
    const gd_settings *s = &d->settings;
    char text[GD_PATH_MAX];
    choose_setting(c, s, GD_SETTING_BACKEND, gd_enum_text(gd_backend_names, (int)s->backend), true);
    choose_setting(c, s, GD_SETTING_PRECISION, gd_enum_text(gd_precision_names, (int)s->precision), true);
    choose(c, "weights", d->files.weights[0] ? d->files.weights : "none are here", o->weights[0]);
    snprintf(text, sizeof text, "%d window%s at a time", r->plan->threads, r->plan->threads == 1 ? "" : "s");
    choose(c, "threads", text, o->threads > 0);
    if (r->plan->ranks > 1)
        choose_setting(c, s, GD_SETTING_TRANSPORT, gd_enum_text(gd_transport_names, (int)s->transport), true);
    if (r->plan->device.total_bytes > 0 && o->autotune)
        choose(c, "engines",
               "timed on the device, those that cuDNN compiles there too; planned without these", true);
    if (r->plan->device.total_bytes > 0)
        return;
    gd_budget_text(&r->memory.budget, text);
    choose(c, "memory", text, true);
    choose(c, "scratch folder", r->memory.folder[0] ? r->memory.folder : "none", o->scratch[0]);
}

static void choose_files(choices *c, const gd_decision *d)
{
    const gd_options *o = &d->options;
    const bool tiff = d->files.kind == GD_FILE_TIFF;
    char text[GD_PATH_MAX + 64], every[32];
    snprintf(text, sizeof text, "%" PRId64 " x %" PRId64, d->settings.base_cols, d->settings.base_rows);
    if (d->settings.why[GD_SETTING_SIZE][0])
        choose_setting(c, &d->settings, GD_SETTING_SIZE, text, true);
    snprintf(text, sizeof text, "%s, %d bits%s%s%s", d->files.output, o->bits, tiff ? ", " : "",
             tiff ? gd_enum_text(gd_compression_names, (int)o->compression) : "",
             tiff && o->pyramid ? ", with a pyramid" : "");
    if (*d->files.output)
        choose(c, "picture", text, o->output_choice == GD_OUTPUT_NAMED);
    if (*d->files.web)
        choose(c, "tiles", d->files.web, true);
    (void)gd_print_every(o, every, sizeof every);
    snprintf(text, sizeof text, "%s, every %s; not before that", d->files.checkpoint, every);
    choose(c, "checkpoint", text, o->checkpoint[0]);
}

static void print_choices(const gd_plan_report *r, FILE *out)
{
    gd_options preset;
    choices c = {.out = out};
    gd_options_default(&preset);
    fprintf(out, "\nChosen:\n");
    choose_dream(&c, r->decision, &preset);
    choose_machine(&c, r);
    if (!r->way)
        choose_files(&c, r->decision);
    fprintf(out, "By default: %s\n", c.defaults);
}

void gd_plan_print(const gd_plan_report *r, FILE *out)
{
    const gd_plan *plan = r->plan;
    print_time(r, out);
    print_head(r, out);
    print_octaves(plan, r->way != NULL, out);
    print_halo(&r->halo, out);
    if (!r->way)
        print_layout(plan, out);
    print_memory(r, out);
    print_files(r, out);
    print_choices(r, out);
    fprintf(out, r->way ? "\nTotal: %.1f TFLOP\n" : "\nTotal: %.1f TFLOP, %.1f MB between ranks%s\n",
            plan->flop / tera, (double)plan->sent_bytes / mega,
            *r->decision->files.frames ? ", in all frames" : "");
    if (r->demoted[0])
        fprintf(out, "Slower than it could be: %s\n", r->demoted);
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
