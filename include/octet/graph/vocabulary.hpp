// Operator names as constants: one object names an operator in patterns, in patches and in tests, so that a misspelt
// operator does not compile.
#pragma once

#include <string_view>

namespace octet::ops {

/// One operator. `commutes`: its two inputs may change places, and nested uses may be bracketed anew.
struct op {
  std::string_view name;
  std::string_view domain = {};  ///< empty: ai.onnx
  bool commutes = false;

  /// The pattern of this operator applied to patterns, variables and numbers; defined by rewrite/pattern.hpp.
  constexpr auto operator()(auto const&... in) const;

  friend constexpr bool operator==(op const&, op const&) = default;
};

/// The domain of ONNX Runtime's own operators.
inline constexpr std::string_view microsoft = "com.microsoft";

inline constexpr op Add{"Add", "", true}, Mul{"Mul", "", true}, Sub{"Sub"}, Div{"Div"}, Pow{"Pow"}, Mod{"Mod"},
    Min{"Min"}, Max{"Max"}, Sum{"Sum"}, Mean{"Mean"}, Neg{"Neg"}, Abs{"Abs"}, Exp{"Exp"}, Log{"Log"}, Sqrt{"Sqrt"},
    Reciprocal{"Reciprocal"}, Floor{"Floor"}, Ceil{"Ceil"}, Round{"Round"}, Sign{"Sign"}, Erf{"Erf"}, Sin{"Sin"},
    Cos{"Cos"}, Tan{"Tan"}, Asin{"Asin"}, Acos{"Acos"}, Atan{"Atan"}, Sinh{"Sinh"}, Cosh{"Cosh"}, Asinh{"Asinh"},
    Acosh{"Acosh"}, Atanh{"Atanh"}, Equal{"Equal"}, Greater{"Greater"}, GreaterOrEqual{"GreaterOrEqual"}, Less{"Less"},
    LessOrEqual{"LessOrEqual"}, And{"And"}, Or{"Or"}, Xor{"Xor"}, Not{"Not"}, Where{"Where"}, IsNaN{"IsNaN"},
    IsInf{"IsInf"}, BitShift{"BitShift"}, BitwiseAnd{"BitwiseAnd"}, BitwiseOr{"BitwiseOr"}, BitwiseXor{"BitwiseXor"},
    BitwiseNot{"BitwiseNot"}, Cast{"Cast"}, CastLike{"CastLike"}, Identity{"Identity"}, Dropout{"Dropout"};

inline constexpr op Relu{"Relu"}, LeakyRelu{"LeakyRelu"}, PRelu{"PRelu"}, Elu{"Elu"}, Selu{"Selu"}, Celu{"Celu"},
    Sigmoid{"Sigmoid"}, HardSigmoid{"HardSigmoid"}, HardSwish{"HardSwish"}, Tanh{"Tanh"}, Softplus{"Softplus"},
    Softsign{"Softsign"}, Gelu{"Gelu"}, Mish{"Mish"}, Swish{"Swish"}, Clip{"Clip"}, Shrink{"Shrink"},
    ThresholdedRelu{"ThresholdedRelu"}, Softmax{"Softmax"}, LogSoftmax{"LogSoftmax"}, Hardmax{"Hardmax"};

inline constexpr op SequenceEmpty{"SequenceEmpty"}, SequenceConstruct{"SequenceConstruct"}, SequenceAt{"SequenceAt"},
    SequenceInsert{"SequenceInsert"}, SequenceErase{"SequenceErase"}, SequenceLength{"SequenceLength"},
    SplitToSequence{"SplitToSequence"}, ConcatFromSequence{"ConcatFromSequence"};

inline constexpr op MatMul{"MatMul"}, Gemm{"Gemm"}, Einsum{"Einsum"}, Conv{"Conv"}, ConvTranspose{"ConvTranspose"},
    DeformConv{"DeformConv"}, MaxPool{"MaxPool"}, AveragePool{"AveragePool"}, LpPool{"LpPool"},
    GlobalAveragePool{"GlobalAveragePool"}, GlobalMaxPool{"GlobalMaxPool"}, GlobalLpPool{"GlobalLpPool"},
    MaxUnpool{"MaxUnpool"}, RoiAlign{"RoiAlign"}, Resize{"Resize"}, Upsample{"Upsample"}, GridSample{"GridSample"};

inline constexpr op Shape{"Shape"}, Size{"Size"}, Reshape{"Reshape"}, Flatten{"Flatten"}, Squeeze{"Squeeze"},
    Unsqueeze{"Unsqueeze"}, Transpose{"Transpose"}, Concat{"Concat"}, Split{"Split"}, Expand{"Expand"}, Tile{"Tile"},
    Pad{"Pad"}, Slice{"Slice"}, DepthToSpace{"DepthToSpace"}, SpaceToDepth{"SpaceToDepth"}, Constant{"Constant"},
    ConstantOfShape{"ConstantOfShape"}, Range{"Range"}, Trilu{"Trilu"}, EyeLike{"EyeLike"},
    ReverseSequence{"ReverseSequence"}, Gather{"Gather"}, GatherElements{"GatherElements"}, GatherND{"GatherND"},
    Scatter{"Scatter"}, ScatterElements{"ScatterElements"}, ScatterND{"ScatterND"}, NonZero{"NonZero"}, TopK{"TopK"},
    OneHot{"OneHot"}, Compress{"Compress"}, Unique{"Unique"}, NonMaxSuppression{"NonMaxSuppression"}, CumSum{"CumSum"};

inline constexpr op ReduceMean{"ReduceMean"}, ReduceSum{"ReduceSum"}, ReduceMax{"ReduceMax"}, ReduceMin{"ReduceMin"},
    ReduceProd{"ReduceProd"}, ReduceL1{"ReduceL1"}, ReduceL2{"ReduceL2"}, ReduceLogSum{"ReduceLogSum"},
    ReduceLogSumExp{"ReduceLogSumExp"}, ReduceSumSquare{"ReduceSumSquare"}, ArgMax{"ArgMax"}, ArgMin{"ArgMin"};

inline constexpr op BatchNormalization{"BatchNormalization"}, InstanceNormalization{"InstanceNormalization"},
    LayerNormalization{"LayerNormalization"}, GroupNormalization{"GroupNormalization"},
    RMSNormalization{"RMSNormalization"}, LpNormalization{"LpNormalization"}, LRN{"LRN"},
    MeanVarianceNormalization{"MeanVarianceNormalization"},
    SimplifiedLayerNormalization{"SimplifiedLayerNormalization"};

inline constexpr op LSTM{"LSTM"}, GRU{"GRU"}, RNN{"RNN"}, If{"If"}, Loop{"Loop"}, Scan{"Scan"}, Attention{"Attention"},
    RotaryEmbedding{"RotaryEmbedding"};

inline constexpr op QuantizeLinear{"QuantizeLinear"}, DequantizeLinear{"DequantizeLinear"},
    DynamicQuantizeLinear{"DynamicQuantizeLinear"}, QLinearConv{"QLinearConv"}, QLinearMatMul{"QLinearMatMul"},
    MatMulInteger{"MatMulInteger"}, ConvInteger{"ConvInteger"};

inline constexpr op ContribQuantizeLinear{"QuantizeLinear", microsoft},
    ContribDequantizeLinear{"DequantizeLinear", microsoft}, ContribGelu{"Gelu", microsoft},
    ContribAttention{"Attention", microsoft}, ContribRotaryEmbedding{"RotaryEmbedding", microsoft},
    QLinearAdd{"QLinearAdd", microsoft}, QLinearMul{"QLinearMul", microsoft},
    QLinearSigmoid{"QLinearSigmoid", microsoft}, QLinearLeakyRelu{"QLinearLeakyRelu", microsoft},
    QLinearAveragePool{"QLinearAveragePool", microsoft},
    QLinearGlobalAveragePool{"QLinearGlobalAveragePool", microsoft}, QLinearConcat{"QLinearConcat", microsoft},
    QLinearSoftmax{"QLinearSoftmax", microsoft}, QLinearWhere{"QLinearWhere", microsoft}, QGemm{"QGemm", microsoft},
    QAttention{"QAttention", microsoft}, QEmbedLayerNormalization{"QEmbedLayerNormalization", microsoft},
    DynamicQuantizeLSTM{"DynamicQuantizeLSTM", microsoft}, DynamicQuantizeMatMul{"DynamicQuantizeMatMul", microsoft},
    MatMulIntegerToFloat{"MatMulIntegerToFloat", microsoft}, MatMulNBits{"MatMulNBits", microsoft},
    GatherBlockQuantized{"GatherBlockQuantized", microsoft}, MultiHeadAttention{"MultiHeadAttention", microsoft},
    EmbedLayerNormalization{"EmbedLayerNormalization", microsoft},
    SkipLayerNormalization{"SkipLayerNormalization", microsoft},
    SkipSimplifiedLayerNormalization{"SkipSimplifiedLayerNormalization", microsoft}, BiasGelu{"BiasGelu", microsoft},
    FastGelu{"FastGelu", microsoft}, QuickGelu{"QuickGelu", microsoft}, FusedConv{"FusedConv", microsoft},
    FusedGemm{"FusedGemm", microsoft}, FusedMatMul{"FusedMatMul", microsoft},
    GroupQueryAttention{"GroupQueryAttention", microsoft};

}  // namespace octet::ops
