#include "storage/features.hpp"

namespace horolog::storage {
namespace {

constexpr FeatureRange features[] = {
    {"metadata.version", 7, 30, true}, {"eligible.leader.replicas.version", 0, 1, true},
    {"group.version", 0, 1, true},     {"share.version", 0, 1, true},
    {"streams.version", 0, 1, true},   {"transaction.version", 0, 2, true},
    {"kraft.version", 0, 1, false},
};

}  // namespace

std::span<const FeatureRange> known_features() { return features; }

}  // namespace horolog::storage
