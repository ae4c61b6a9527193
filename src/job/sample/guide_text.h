/* What is known of a guide as text, as checkpoints and all ranks have it: a line for each layer that it is
 * for. Of its channels: the layer's name, and each channel's share in the sum of all means, with 17 digits.
 * To be matched: the name, "COLSxROWS" units, and in hexadecimal the bits of the float32 of each channel of
 * each unit. */
#ifndef GD_JOB_GUIDE_TEXT_H
#define GD_JOB_GUIDE_TEXT_H

#include "base/status.h"
#include "engine/features.h"
#include "job/decision.h"
#include "net/net.h"

/* Whether the guide is for this layer. */
bool gd_guide_is_for(const gd_layer_choice *layer);

/* Writes a text from the features of these layers, in their order; the caller frees it. GD_USAGE if a layer
 * is cold. */
gd_status gd_guide_write(const gd_decision *decision, const gd_features *features, char **text,
                         gd_error *error) GD_CHECKED;

/* Sets the decision's shares or matches, and those of its objective. GD_USAGE: the text, a checkpoint's, is
 * of other layers, or damaged. */
gd_status gd_guide_read(gd_decision *decision, const char *text, gd_error *error) GD_CHECKED;

/* Sets the sizes of the matches alone, with zeros for values, for a guide that is measured at this size.
 * GD_USAGE if they are too many for a checkpoint. */
gd_status gd_guide_size(gd_decision *decision, const gd_net *net, gd_extent guide,
                        gd_error *error) GD_CHECKED;

/* Sets the decision's bytes of the matches: each rank has their text twice, as it was sent and for
 * checkpoints. */
void gd_guide_count(gd_decision *decision);

void gd_guide_free(gd_decision *decision);

#endif
