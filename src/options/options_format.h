/* Parameters as a command line. */
#ifndef GD_OPTIONS_OPTIONS_FORMAT_H
#define GD_OPTIONS_OPTIONS_FORMAT_H

#include "base/status.h"
#include "options/options.h"

#include <stddef.h>

/* The command that was given, as far as it differs from the defaults, for people to paste. GD_USAGE when it
 * does not fit. */
gd_status gd_options_command(const gd_options *options, char *text, size_t bytes) GD_CHECKED;

/* A command that makes the same picture again: every parameter that has a say in its pixels, defaults too, so
 * that it stays true when they change. Neither the output's name nor the number of threads is in it. `note`
 * (weights and versions, say; may be NULL) follows as a comment of the shell. GD_USAGE when it does not fit.
 */
gd_status gd_options_text(const gd_options *options, const char *note, char *text, size_t bytes) GD_CHECKED;

/* -ml as it is written: "3 5" or "mixed3=0.5,mixed5"; "" when there is none. False when it does not fit. */
bool gd_layers_text(const gd_options *options, char *text, size_t bytes);

/* --print as it is written, in cm: "100x70cm"; "" when it was not given. */
void gd_print_text(const gd_options *options, char text[64]);

/* --checkpoint-every as it is written. */
void gd_every_text(const gd_options *options, char text[32]);

/* "512" or "512:1024:cosine", with all digits that matter. */
void gd_schedule_text(const gd_schedule *schedule, char text[96]);

#endif
