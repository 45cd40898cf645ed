"""Node tests of ONNX that no layer of ours can express, by their names, and why."""

_BEYOND_IMAGES = "layers take signals and images, not volumes"
_DILATED = "pooling has windows of neighbouring pixels"
_FEATURES = "LayerNormalization normalizes the last of 2 or 3 axes"
_BEHIND = "GRU resets behind the recurrent product (linear_before_reset=1)"
_BOTH_ENDS = "the states at the ends of a way back are no output of a layer"
_TRAINING = "a model is exported in use, not in training"
_BATCH = "Flatten joins all axes but the batch's"
_OTHER_TYPE = "networks compute in float32 and float64"
_FIRST_FACTOR = "a layer's input is the first factor of its product, as it is"

REFUSED: dict[str, str] = {
    "test_averagepool_2d_dilations": _DILATED,
    **dict.fromkeys(("test_averagepool_3d_default", "test_averagepool_3d_dilations_small"), _BEYOND_IMAGES),
    **{
        f"test_averagepool_3d_dilations_large_count_include_pad_is_{counts}_ceil_mode_is_{up}": _BEYOND_IMAGES
        for counts in (0, 1)
        for up in (False, True)
    },
    "test_averagepool_3d_dilations_large": _BEYOND_IMAGES,
    "test_batchnorm_epsilon_training_mode": _TRAINING,
    "test_batchnorm_example_training_mode": _TRAINING,
    "test_celu": "ELU is a Celu where alpha is 1",
    "test_celu_bfloat16": _OTHER_TYPE,
    "test_celu_float16": _OTHER_TYPE,
    "test_convtranspose_3d": _BEYOND_IMAGES,
    **dict.fromkeys(
        (
            "test_flatten_axis0",
            "test_flatten_axis2",
            "test_flatten_axis3",
            "test_flatten_negative_axis1",
            "test_flatten_negative_axis2",
            "test_flatten_negative_axis4",
        ),
        _BATCH,
    ),
    "test_gelu_tanh_1": "GELU is the exact one",
    "test_gelu_tanh_2": "GELU is the exact one",
    "test_gemm_all_attributes": _FIRST_FACTOR,
    "test_gemm_default_matrix_bias": "a bias is one number for each output",
    "test_gemm_transposeA": _FIRST_FACTOR,
    **dict.fromkeys(
        (
            "test_gru_batchwise",
            "test_gru_bidirectional",
            "test_gru_defaults",
            "test_gru_reverse",
            "test_gru_seq_length",
            "test_gru_with_initial_bias",
        ),
        _BEHIND,
    ),
    **{f"test_layer_normalization_2d_{axis}": _FEATURES for axis in ("axis0", "axis_negative_2")},
    **{
        f"test_layer_normalization_3d_{axis}_epsilon": _FEATURES
        for axis in ("axis0", "axis1", "axis_negative_2", "axis_negative_3")
    },
    **{
        f"test_layer_normalization_4d_{axis}": _FEATURES
        for number in range(4)
        for axis in (f"axis{number}", f"axis_negative_{number + 1}")
    },
    "test_layer_normalization_default_axis": _FEATURES,
    "test_lstm_bidirectional": _BOTH_ENDS,
    "test_lstm_reverse": _BOTH_ENDS,
    "test_lstm_with_peepholes": "LSTM has no peepholes",
    "test_maxpool_2d_dilations": _DILATED,
    "test_maxpool_2d_uint8": _OTHER_TYPE,
    **dict.fromkeys(
        (
            "test_maxpool_3d_default",
            "test_maxpool_3d_dilations",
            "test_maxpool_3d_dilations_use_ref_impl",
            "test_maxpool_3d_dilations_use_ref_impl_large",
        ),
        _BEYOND_IMAGES,
    ),
    "test_prelu_broadcast": "LeakyReLU has one slope for all numbers",
    "test_prelu_example": "LeakyReLU has one slope for all numbers",
    "test_simple_rnn_bidirectional": _BOTH_ENDS,
    "test_simple_rnn_reverse": _BOTH_ENDS,
    "test_softmax_axis_0": "SoftMax is along the last axis",
    "test_softmax_axis_1": "SoftMax is along the last axis",
    **{f"test_training_dropout{ending}": _TRAINING for ending in ("", "_default", "_default_mask", "_mask")},
}
