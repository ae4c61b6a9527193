/* A network with hash weights, lowered for one window and made ready on two backends, the second the
 * reference. */
#ifndef GD_TESTS_NET_CASE_H
#define GD_TESTS_NET_CASE_H

#include "kernels/side.h"
#include "net/fold.h"
#include "net/lower/options.h"

/* Arenas are filled with NaN. */
typedef struct net_case {
    gd_net *net;
    gd_tape *tape;
    gd_filter_values *filters;
    float *window; /* [rows, cols, 3] */
    side tested, reference;
    double scale;        /* of gradients on their way back, on the side that is tested; 1 to begin with */
    gd_match match;      /* of layers that are matched; its values are owned */
    float *gradients[2]; /* [focus.rows, focus.cols, 3] of each side's last run to the end */
} net_case;

/* Network, tape and filters alone; the case takes the network. Fails the test (cmocka) when something goes
 * wrong. layer: a name in the list of -ml; NAME@channels: some of its channels, by their squares and by
 * their mean; NAME@match: its channels and some of them, with the units of a made-up guide. */
void net_case_lower(net_case *c, gd_architecture architecture, const char *layer, int32_t rows, int32_t cols);
void net_case_lower_net(net_case *c, gd_net *net, const char *layer, int32_t rows, int32_t cols,
                        const gd_lower_options *options);

/* All of it. */
void net_case_open(net_case *c, const gd_backend *backend, gd_net *net, const char *layer, int32_t rows,
                   int32_t cols, const gd_device_options *options);
void net_case_create(net_case *c, const gd_backend *backend, gd_architecture architecture, const char *layer,
                     int32_t rows, int32_t cols, gd_precision precision, int32_t cores);

/* Of a window whose gradient is wanted in a part of it alone. */
void net_case_open_focused(net_case *c, const gd_backend *backend, gd_net *net, const char *layer,
                           int32_t rows, int32_t cols, gd_rect focus, const gd_device_options *options);
void net_case_free(net_case *c);

/* Runs operations [first, last) on a side. */
void net_case_run(const net_case *c, const side *s, int32_t first, int32_t last);

/* A tensor of the side that is tested, as the reference has it: without the scale; the caller frees it. */
double *net_case_get(const net_case *c, int32_t tensor);

/* The reference's tensor to the side that is tested. */
void net_case_copy(const net_case *c, int32_t tensor);

#endif
