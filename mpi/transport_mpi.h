/* The transport over MPI: host memory, and device memory through staging buffers in host memory. */
#ifndef GD_MPI_TRANSPORT_MPI_H
#define GD_MPI_TRANSPORT_MPI_H

#include "mpi/transport.h"

extern const gd_transport gd_transport_mpi;

#endif
