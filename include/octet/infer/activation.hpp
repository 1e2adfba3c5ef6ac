// Types and shapes of activation functions: all like their first input.
#pragma once

#include <octet/graph/vocabulary.hpp>
#include <octet/infer/inference.hpp>

namespace octet::detail {

inline constexpr inference_entry activation_inference[] = {
    {"Relu", "", &infer_like_first},
    {"LeakyRelu", "", &infer_like_first},
    {"PRelu", "", &infer_like_first},
    {"Elu", "", &infer_like_first},
    {"Selu", "", &infer_like_first},
    {"Celu", "", &infer_like_first},
    {"Sigmoid", "", &infer_like_first},
    {"HardSigmoid", "", &infer_like_first},
    {"HardSwish", "", &infer_like_first},
    {"Tanh", "", &infer_like_first},
    {"Softplus", "", &infer_like_first},
    {"Softsign", "", &infer_like_first},
    {"Gelu", "", &infer_like_first},
    {"Mish", "", &infer_like_first},
    {"Swish", "", &infer_like_first},
    {"Clip", "", &infer_like_first},
    {"Shrink", "", &infer_like_first},
    {"ThresholdedRelu", "", &infer_like_first},
    {"Softmax", "", &infer_like_first},
    {"LogSoftmax", "", &infer_like_first},
    {"Hardmax", "", &infer_like_first},
    {"Gelu", ops::microsoft, &infer_like_first},
    {"BiasGelu", ops::microsoft, &infer_like_first},
    {"FastGelu", ops::microsoft, &infer_like_first},
    {"QuickGelu", ops::microsoft, &infer_like_first},
};

}  // namespace octet::detail
