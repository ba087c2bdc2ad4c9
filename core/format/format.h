// SPDX-License-Identifier: Apache-2.0
// Format: how a quantized model lies in files that other tools load, and the list of formats.
#pragma once

#include "core/checkpoint/checkpoint.h"
#include "core/checkpoint/folderwriter.h"
#include "core/model/modelspec.h"
#include "core/quant/kvparamfiles.h"
#include "core/quant/quantizedtensor.h"

#include <filesystem>
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

struct OpenedModel;

/// What a TurboMind workspace needs to know beside the model.
struct WorkspaceOptions
{
    std::int64_t tensorParallel = 1; ///< GPUs that share the model: files of each split matrix. A power of two.
    std::string modelName = {};      ///< Of lmdeploy's chat template; empty: the usual one of the model's family.
    bool contextFmha = true;         ///< use_context_fmha. TurboMind 1.0 takes keys and values in int8 only without it.

    bool operator==(const WorkspaceOptions&) const = default;
};

/// How the grids of a KV cache lie beside the weights.
struct StoredKv
{
    std::vector<EncodedTensor> tensors;    ///< Among the model's own.
    std::vector<quant::KvParamFile> files; ///< Named below the folder.
};

struct ExportOptions
{
    std::filesystem::path out;
    bool overwrite = false;
    bool resume = false;
    std::uint64_t bytesShardMax = 4ULL << 30;
    WorkspaceOptions workspace = {};
    std::optional<quant::KvParams> kv = {}; ///< Of kvForExport().
};

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
    /// What of the model's own arithmetic the programs that load the format leave out, as notes about subject.
    virtual Findings leftOut(const model::ModelSpec&, const std::string&) const { return {}; }
    /// What else a format changes in config.json, such as the type in which runtimes compute.
    virtual Json modelConfig(Json config) const { return config; }
    /// Name of a file that holds the quantization_config a second time; empty for none.
    virtual std::string configFile() const { return {}; }

    // The KV cache of the program that loads it
    /// The cache whose grids can lie beside the weights; nothing: none.
    virtual std::optional<quant::KvScheme> kvScheme() const { return std::nullopt; }
    /// Where the grids go. Errors: NotSupported (those of another cache, a model for which there is no place),
    /// SettingInvalid (grids of another number of ranks).
    virtual Result<StoredKv> storeKv(const model::ModelSpec& spec, const quant::KvParams& params,
                                     const WorkspaceOptions& workspace) const;
    /// A quantization_config that tells of them.
    virtual Json withKv(Json quantizationConfig, const quant::KvScheme&) const { return quantizationConfig; }
    /// The grids that a folder of this format holds; nothing: it asks for none. Errors: TensorInvalid.
    virtual Result<std::optional<quant::KvParams>> kvParams(const checkpoint::Checkpoint&) const
    {
        return std::optional<quant::KvParams>();
    }

    // Folders of another layout than a model folder's
    /// Whether models without any quantized layer can be written too.
    virtual bool storesDenseModels() const { return false; }
    /// Whether a conversion may round scales to scaleDType(), as the program does that usually writes the format.
    virtual bool roundsScales() const { return false; }
    /// The type of a model's tensors in full precision.
    virtual checkpoint::DType storedDType(checkpoint::DType modelDType, const LinearSchemes&) const
    {
        return modelDType;
    }
    /// Whether tensors are stored under their own names in their own type; else stored() and store() say how, for those
    /// of plan() and encode() too.
    virtual bool storesAsNamed() const { return true; }
    virtual std::vector<checkpoint::TensorPlan>
    stored(const model::ModelSpec& spec, const checkpoint::TensorPlan& tensor, checkpoint::DType dtype) const;
    virtual std::vector<EncodedTensor> store(const model::ModelSpec& spec, const checkpoint::TensorView& tensor,
                                             checkpoint::DType dtype) const;
    /// Bytes of the tensor files that hold these tensors.
    virtual Result<std::uint64_t> fileBytes(const OpenedModel& model, const LinearSchemes& schemes,
                                            const std::vector<checkpoint::TensorPlan>& plan) const;
    /// Errors: those of CheckpointWriter::create().
    virtual Result<std::unique_ptr<checkpoint::FolderWriter>> createWriter(const OpenedModel& model,
                                                                           const LinearSchemes& schemes,
                                                                           std::vector<checkpoint::TensorPlan> plan,
                                                                           const ExportOptions& options) const;

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
