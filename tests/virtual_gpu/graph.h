/* SPDX-License-Identifier: MIT
 * What a capture leaves. */
#ifndef PLAIT_TESTS_VIRTUAL_GPU_GRAPH_H
#define PLAIT_TESTS_VIRTUAL_GPU_GRAPH_H

#include "tests/virtual_gpu/capture.h"

struct CUgraph_st *vgpu_graph_create(int device, std::vector<vgpu_piece> pieces);

#endif
