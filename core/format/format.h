// SPDX-License-Identifier: Apache-2.0
// Format: how a quantized model lies in files that other tools load, and the list of formats.
#pragma once

#include "core/checkpoint/checkpoint.h"
#include "core/checkpoint/checkpointwriter.h"
#include "core/model/modelspec.h"
#include "core/quant/quantizedtensor.h"

#include <memory>
#include <string_view>
#include <vector>

namespace bitlathe::format
{

struct EncodedTensor
{
    checkpoint::TensorPlan plan;
    std::vector<std::byte> bytes;
};

/// The schemes of a whole model: one per ModelSpec::linears, nothing where a linear stays in full precision.
using LinearSchemes = std::vector<std::optional<quant::Scheme>>;

/// One kind of file. Stateless; any thread.
class Format
{
public:
    virtual ~Format() = default;
    virtual std::string_view name() const = 0;          ///< "compressed-tensors"
    virtual std::string_view title() const = 0;         ///< For a list.
    virtual std::vector<std::string> consumers() const; ///< Programs that load it; by the table of consumers.h.

    // Writing
    /// NotSupported with the reason where a linear of this scheme can't be written.
    virtual Result<void> check(const quant::Scheme& scheme, const model::LinearSpec& linear) const = 0;
    /// Type of scales for a model stored in this type.
    virtual checkpoint::DType scaleDType(checkpoint::DType modelDType) const = 0;
    /// The least zero point of asymmetric layers that it can store.
    virtual int leastZero() const { return 0; }
    /// The tensors that encode() will give, before anything is quantized.
    virtual std::vector<checkpoint::TensorPlan> plan(const model::LinearSpec& linear, const quant::Scheme& scheme,
                                                     checkpoint::DType modelDType) const = 0;
    virtual Result<std::vector<EncodedTensor>> encode(const model::LinearSpec& linear,
                                                      const quant::QuantizedTensor& tensor,
                                                      checkpoint::DType modelDType) const = 0;
    /// Value of "quantization_config" in config.json; null for none.
    virtual Result<Json> quantizationConfig(const model::ModelSpec& spec, const LinearSchemes& schemes) const = 0;
    /// What may go wrong with these schemes after all was computed: as notes what programs refuse, and what encode()
    /// may refuse. Asked before a run.
    virtual Findings risks(const model::ModelSpec& spec, const LinearSchemes& schemes) const;
    /// What else a format changes in config.json, such as the type in which runtimes compute.
    virtual Json modelConfig(Json config) const { return config; }
    /// Name of a file that holds the quantization_config a second time; empty for none.
    virtual std::string configFile() const { return {}; }

    // Reading
    /// True where config.json says that the folder is of this format.
    virtual bool recognizes(const checkpoint::Checkpoint& checkpoint) const = 0;
    /// The scheme of each linear in the folder. Errors: ConfigInvalid, TensorMissing, NotSupported.
    virtual Result<LinearSchemes> schemes(const checkpoint::Checkpoint& checkpoint,
                                          const model::ModelSpec& spec) const = 0;
    virtual Result<quant::QuantizedTensor> decode(const checkpoint::Checkpoint& checkpoint,
                                                  const model::LinearSpec& linear,
                                                  const quant::Scheme& scheme) const = 0;
    /// What a user should know about a folder of this format: parts that are not used here, layers that a consumer
    /// refuses.
    virtual Findings findings(const checkpoint::Checkpoint& checkpoint, const model::ModelSpec& spec,
                              const LinearSchemes& schemes) const;
};

/// All formats that can be written, in the order in which a list shows them.
const std::vector<const Format*>& formats();
/// These and the ones that can only be read.
const std::vector<const Format*>& readableFormats();
/// UnknownName (with the known names) where there is no such format.
Result<const Format*> findFormat(std::string_view name);

} // namespace bitlathe::format
