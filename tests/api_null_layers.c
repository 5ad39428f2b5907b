/* SPDX-License-Identifier: MIT
 * Rows of tests/api_null.c for the builders of layers. */
#include "config.h"
#include "tests/api_null_graph.h"

void api_layer_rows(void)
{
	static const float one[4] = { 1, 1, 1, 1 };
	const char *text[1];

	NO_NODE(0, plait_normalize(NULL, 4, one, one));
	NO_NODE(PLAIT_EINVAL, plait_normalize(bytes, 4, NULL, one));
	NO_NODE(PLAIT_EINVAL, plait_normalize(bytes, 4, one, NULL));
	NO_NODE(PLAIT_EINVAL, plait_normalize(bytes, 0, one, one));
	NO_NODE(PLAIT_EINVAL, plait_normalize(bytes, -1, one, one));
	NO_NODE(PLAIT_EINVAL, plait_normalize(bytes, 17, one, one));
	NO_NODE(0, plait_linear(NULL, 3));
	NO_NODE(PLAIT_EINVAL, plait_linear(x, 0));
	NO_NODE(PLAIT_EINVAL, plait_linear(x, -3));
	NO_NODE(PLAIT_ESHAPE, plait_linear(x, INT64_MAX));
	NO_NODE(0, plait_linear_no_bias(NULL, 3));
	NO_NODE(PLAIT_EINVAL, plait_linear_no_bias(x, -3));
	NO_NODE(0, plait_relu(NULL));
	NO_NODE(0, plait_gelu(NULL));
	NO_NODE(0, plait_tanh(NULL));
	NO_NODE(0, plait_sigmoid(NULL));
	NO_NODE(0, plait_leaky_relu(NULL, 0.1f));
	NO_NODE(0, plait_silu(NULL));
	NO_NODE(0, plait_hardswish(NULL));
	NO_NODE(0, plait_softmax(NULL));
	NO_NODE(0, plait_log_softmax(NULL));
	NO_NODE(0, plait_maxpool(NULL, 2, 2, NULL));
	NO_NODE(0, plait_maxpool(NULL, 2, 2, &(struct plait_maxpool_options){ .ceil_mode = true }));
	NO_NODE(PLAIT_ESHAPE, plait_maxpool(x, 2, 2, NULL));
	NO_NODE(0, plait_avgpool(NULL, 2, 2, &(struct plait_avgpool_options){ .ceil_mode = true }));
	NO_NODE(PLAIT_ESHAPE, plait_avgpool(x, 2, 2, NULL));
	NO_NODE(0, plait_global_avgpool(NULL));
	NO_NODE(0, plait_dropout(NULL, 0.5f));
	NO_NODE(PLAIT_EINVAL, plait_dropout(x, 1.5f));
	NO_NODE(PLAIT_EINVAL, plait_dropout(x, -0.1f));
	NO_NODE(0, plait_flatten(NULL));
	NO_NODE(0, plait_layernorm(NULL, 1, NULL));
	NO_NODE(0, plait_layernorm(NULL, 1, &(struct plait_norm_options){ .eps = 1 }));
	NO_NODE(PLAIT_ESHAPE, plait_layernorm(x, 0, NULL));
	NO_NODE(PLAIT_ESHAPE, plait_layernorm(x, -1, NULL));
	NO_NODE(PLAIT_ESHAPE, plait_layernorm(x, INT32_MAX, NULL));
	NO_NODE(0, plait_groupnorm(NULL, 1, NULL));
	NO_NODE(0, plait_groupnorm(NULL, 1, &(struct plait_norm_options){ .eps = 1 }));
	NO_NODE(PLAIT_EINVAL, plait_groupnorm(x, 0, NULL));
	NO_NODE(PLAIT_EINVAL, plait_groupnorm(x, INT64_MAX, NULL));
	NO_NODE(0, plait_reshape(NULL, 1, (int64_t[]){ 4 }));
	NO_NODE(PLAIT_ESHAPE, plait_reshape(x, 1, NULL));
	NO_NODE(PLAIT_ESHAPE, plait_reshape(x, 0, (int64_t[]){ 4 }));
	NO_NODE(PLAIT_ESHAPE, plait_reshape(x, 99, (int64_t[]){ 4 }));
	NO_NODE(0, plait_conv2d(NULL, 1, 1, 1, NULL));
	NO_NODE(0, plait_conv2d(NULL, 1, 1, 1, &(struct plait_conv2d_options){ .groups = 1 }));
	NO_NODE(PLAIT_ESHAPE, plait_conv2d(x, 1, 1, 1, NULL));
	NO_NODE(0, plait_batchnorm(NULL, 1e-5, 0.1));
	NO_NODE(PLAIT_EINVAL, plait_batchnorm(x, -1, 0.1));
	NO_NODE(0, plait_transpose(NULL, 0, 0));
	NO_NODE(PLAIT_EINVAL, plait_transpose(x, 0, 1));
	NO_NODE(PLAIT_EINVAL, plait_transpose(x, -1, 0));
	NO_NODE(0, plait_concat(1, NULL, 0));
	NO_NODE(0, plait_concat(0, &x, 0));
	NO_NODE(0, plait_concat(-1, &x, 0));
	NO_NODE(0, plait_concat(1, (struct plait_node *[]){ NULL }, 0));
	NO_NODE(0, plait_concat(2, (struct plait_node *[]){ x, NULL }, 0));
	NO_NODE(PLAIT_EINVAL, plait_concat(1, &x, 1));
	NO_NODE(PLAIT_EINVAL, plait_concat(1, &x, -1));
	NO_NODE(0, plait_add(NULL, x));
	NO_NODE(0, plait_add(x, NULL));
	NO_NODE(0, plait_sub(NULL, x));
	NO_NODE(0, plait_sub(x, NULL));
	NO_NODE(0, plait_mul(NULL, x));
	NO_NODE(0, plait_mul(x, NULL));
	NO_NODE(0, plait_scale(NULL, 2));
	NO_NODE(0, plait_model(NULL, "relu"));
	NO_NODE(PLAIT_EINVAL, plait_model(x, NULL));
	NO_NODE(PLAIT_EINVAL, plait_model(x, ""));
	NO_NODE(PLAIT_EINVAL, plait_model(x, "linear:-3"));
	GIVES(plait_model_words((const char *[]){ "" }, -1), plait_model_words(NULL, 99));
	GIVES(plait_model_presets(NULL, NULL, 9), plait_model_presets(NULL, text, 1));
	GIVES(plait_model_presets(NULL, NULL, 9), plait_model_presets(text, NULL, -1));
}
