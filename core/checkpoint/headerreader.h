// SPDX-License-Identifier: Apache-2.0
// HeaderReader: the JSON of a safetensors header as a list of tensors, without a JSON value in between.
#pragma once

#include "core/base/result.h"
#include "core/checkpoint/tensor.h"

#include <nlohmann/json.hpp>

#include <map>
#include <unordered_set>

namespace bitlathe::checkpoint
{

/// A tensor as the header describes it, not yet checked against its size or its neighbours.
struct HeaderTensor
{
    std::string name;
    std::string dtype;
    Shape shape;
    std::vector<std::int64_t> offsets; ///< [begin, end] in the data behind the header.
};

/// Takes the parser's events and ends it at the first thing that no header may hold. Memory stays in proportion to the
/// number of tensors, whatever the file says.
class HeaderReader final : public nlohmann::json_sax<nlohmann::json>
{
public:
    /// Reads text, the header of the file named by subject. bytesBefore: what lies before it, for places in errors.
    static Result<HeaderReader> read(std::string_view text, std::uint64_t bytesBefore, const std::string& subject);

    std::vector<HeaderTensor> tensors;
    std::map<std::string, std::string> metadata;

    bool null() override;
    bool boolean(bool) override { return scalar(); }
    bool number_integer(number_integer_t) override { return scalar(); }
    bool number_unsigned(number_unsigned_t value) override;
    bool number_float(number_float_t, const string_t&) override { return scalar(); }
    bool string(string_t& value) override;
    bool binary(binary_t&) override { return scalar(); }
    bool start_object(std::size_t) override;
    bool key(string_t& name) override;
    bool end_object() override;
    bool start_array(std::size_t) override;
    bool end_array() override;
    bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) override;

private:
    /// Where the parser is.
    enum class Place { Outside, File, Tensor, Dtype, Sizes, SizeItems, Offsets, OffsetsItems, Metadata, Skipped };

    HeaderReader() = default;
    bool scalar();
    bool openSkipped();
    bool closeSkipped();
    bool refuse(Text expected, Text found);
    bool refuseValue();
    bool refuseAt(std::size_t position);

    Place m_place = Place::Outside;
    int m_skippedDepth = 0; ///< Open brackets inside a value that has no meaning here.
    std::unordered_set<std::string> m_seen;
    std::unordered_set<std::string> m_seenInside;
    std::string m_key;
    std::uint64_t m_bytesBefore = 0;
    Error m_error;
};

} // namespace bitlathe::checkpoint
