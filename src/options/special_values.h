/* Readers and printers of options with special values. The table of flags refers to them. */
#ifndef GD_OPTIONS_SPECIAL_VALUES_H
#define GD_OPTIONS_SPECIAL_VALUES_H

#include "options/value.h"

gd_value_reader gd_read_output;    /* a path that is not a folder */
gd_value_reader gd_read_web;       /* a folder, without slashes at its end */
gd_value_reader gd_read_size;      /* WxH */
gd_value_reader gd_read_print;     /* WxHcm, also mm and in */
gd_value_reader gd_read_bits;      /* 8 or 16 */
gd_value_reader gd_read_octaves;   /* A B, or auto */
gd_value_reader gd_read_step_size; /* a schedule above 0 */
gd_value_reader gd_read_smooth;    /* a schedule from 0 to 8 */
gd_value_printer gd_print_smooth;
gd_value_printer gd_print_tv;
gd_value_reader gd_read_shift; /* X,Y */
gd_value_printer gd_print_shift;
gd_value_reader gd_read_tile;      /* a schedule of whole numbers, or auto */
gd_value_reader gd_read_halo;      /* auto, exact or pixels */
gd_value_reader gd_read_every;     /* 10min, 100steps, octave */
gd_value_reader gd_read_guide;     /* FILE, FILE,channels or FILE,match */
gd_value_printer gd_print_max_dim; /* "" if --size or --print set the picture's size */
gd_value_printer gd_print_guide;   /* FILE or FILE,match */
gd_value_printer gd_print_size;
gd_value_printer gd_print_print;
gd_value_printer gd_print_dpi;
gd_value_printer gd_print_octaves;
gd_value_printer gd_print_tile;
gd_value_printer gd_print_halo;
gd_value_printer gd_print_every;

#endif
