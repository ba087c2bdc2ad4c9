// SPDX-License-Identifier: Apache-2.0
// TorchState: the tensors that a pickle of PyTorch describes, before their bytes are found.
#include "core/checkpoint/torchstate.h"

#include "core/base/size.h"
#include "core/checkpoint/shownname.h"
#include "core/checkpoint/torchnames.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <unordered_set>

namespace bitlathe::checkpoint
{

namespace
{

constexpr std::size_t kMaxRank = 64;
constexpr std::size_t kMaxName = 1000;
constexpr std::size_t kMaxTensors = 200'000;

using Arguments = std::vector<const PickleValue*>;

const Arguments& argumentsOf(const PickleValue& call)
{
    return call.items[1]->items;
}

bool isWhole(const PickleValue& value)
{
    return value.kind == PickleKind::Integer && value.integer >= 0;
}

/// Text that a document can hold as it is.
bool isPlainName(const std::string& name)
{
    return !name.empty() && name.size() <= kMaxName && nlohmann::json::accept('"' + name + '"');
}

/// A persistent id as PyTorch makes them.
struct StorageId
{
    std::string key;
    TorchStorage storage;
    std::uint64_t elementsBefore = 0; ///< Of a view of the storage.
};

/// ("storage", class, key, device, elements) and, in old files, None or (key of the view, offset, elements).
std::optional<StorageId> storageOf(const PickleValue& value)
{
    if (value.kind != PickleKind::Persistent || value.items.front()->kind != PickleKind::Tuple) {
        return std::nullopt;
    }
    const Arguments& parts = value.items.front()->items;
    const bool isGood = (parts.size() == 5 || parts.size() == 6) && parts[0]->text == "storage" &&
                        parts[1]->kind == PickleKind::Global && isWhole(*parts[4]);
    const auto element = isGood ? torchElement(parts[1]->text) : std::nullopt;
    if (!element || torchKey(*parts[2]).empty()) {
        return std::nullopt;
    }
    StorageId id{
        torchKey(*parts[2]), {parts[1]->text, static_cast<std::uint64_t>(parts[4]->integer), element->bytes}, 0};
    if (parts.size() == 6 && parts[5]->kind != PickleKind::None) {
        const Arguments& view = parts[5]->items;
        if (parts[5]->kind != PickleKind::Tuple || view.size() != 3 || !isWhole(*view[1])) {
            return std::nullopt;
        }
        id.elementsBefore = static_cast<std::uint64_t>(view[1]->integer);
    }
    return id;
}

class StateReader
{
public:
    StateReader(const TorchTensorTable* table, const std::string& subject) : m_table(table), m_subject(subject) {}

    Result<TorchState> read(const Pickle& pickle);

private:
    const PickleValue& unwrap(const PickleValue& root);
    bool isTensor(const PickleValue& value) const;
    Result<void> addEntry(const std::string& prefix, const PickleValue& key, const PickleValue& value);
    Result<void> addEntries(const std::string& prefix, const PickleValue& dict);
    Result<TorchTensor> readTensor(const std::string& name, const PickleValue& value);
    Result<TorchTensor> readRebuilt(const std::string& name, const PickleValue& call);
    Failure invalid(const std::string& name, Text expected, Text found) const;

    const TorchTensorTable* m_table;
    const std::string& m_subject;
    TorchState m_state;
    std::unordered_set<std::string> m_names;
    std::vector<std::string> m_noTensors; ///< Names of other values.
};

Failure StateReader::invalid(const std::string& name, Text expected, Text found) const
{
    return fail(ErrorCode::FileInvalid, name.empty() ? m_subject : m_subject + ": " + name, std::move(expected),
                std::move(found), Text(BITLATHE_TEXT("Download the file again, or take its safetensors version")));
}

/// A call that gives a tensor, with the parameter around it taken off.
const PickleValue* rebuildOf(const PickleValue& value)
{
    const bool isParameter = value.isCallOf("torch._utils._rebuild_parameter") ||
                             value.isCallOf("torch._utils._rebuild_parameter_with_state");
    if (isParameter) {
        return argumentsOf(value).empty() ? nullptr : argumentsOf(value).front();
    }
    return &value;
}

bool StateReader::isTensor(const PickleValue& value) const
{
    constexpr std::array<std::string_view, 3> kRebuilds{
        "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor_v3"};
    const PickleValue* call = rebuildOf(value);
    if (call == nullptr) {
        return false;
    }
    if (call->kind == PickleKind::Persistent) {
        return m_table != nullptr;
    }
    return std::ranges::any_of(kRebuilds, [call](std::string_view name) { return call->isCallOf(name); });
}

/// The dictionary of tensors itself, which training programs put beside their other state.
const PickleValue& StateReader::unwrap(const PickleValue& root)
{
    constexpr std::array<std::string_view, 3> kWrappers{"state_dict", "model", "module"};
    for (const std::string_view wrapper : kWrappers) {
        for (std::size_t i = 0; i + 1 < root.items.size() && root.kind == PickleKind::Dict; i += 2) {
            const PickleValue& key = *root.items[i];
            const PickleValue& value = *root.items[i + 1];
            if (key.kind == PickleKind::String && key.text == wrapper && value.kind == PickleKind::Dict) {
                m_state.findings.push_back({Severity::Note,
                                            "state-dict-inside",
                                            m_subject,
                                            Text(BITLATHE_TEXT("only the tensors under \"%1\" are read"), wrapper),
                                            {}});
                return value;
            }
        }
    }
    return root;
}

Result<TorchTensor> StateReader::readRebuilt(const std::string& name, const PickleValue& call)
{
    constexpr std::size_t kArguments = 4; // storage, offset, sizes, strides
    constexpr std::size_t kTypePlace = 6; // Of _rebuild_tensor_v3.
    const bool namesType = call.isCallOf("torch._utils._rebuild_tensor_v3");
    const Arguments& arguments = argumentsOf(call);
    const bool isWholeCall = arguments.size() >= (namesType ? kTypePlace + 1 : kArguments);
    const auto sizes = isWholeCall ? torchSizes(*arguments[2]) : std::nullopt;
    const auto strides = isWholeCall ? torchSizes(*arguments[3]) : std::nullopt;
    if (!sizes || !strides || sizes->size() != strides->size() || !isWhole(*arguments[1])) {
        return invalid(name, Text(BITLATHE_TEXT("a tensor with offset, sizes and strides")),
                       Text(BITLATHE_TEXT("other values")));
    }
    const std::size_t flags = namesType ? kTypePlace + 1 : kTypePlace;
    if (arguments.size() > flags && !arguments[flags]->items.empty()) {
        return invalid(name, Text(BITLATHE_TEXT("a tensor that is stored as it is")),
                       Text(BITLATHE_TEXT("one to be negated or conjugated")));
    }
    TorchTensor tensor;
    tensor.name = name;
    tensor.shape = *sizes;
    tensor.strides = *strides;
    const auto storage = storageOf(*arguments[0]);
    if (!storage) {
        return invalid(name, Text(BITLATHE_TEXT("a tensor with a storage")), Text(BITLATHE_TEXT("another value")));
    }
    tensor.storage = storage->key;
    tensor.element = namesType ? arguments[kTypePlace]->text : storage->storage.element;
    const auto element = torchElement(tensor.element);
    if (!element || !element->dtype) {
        return fail(ErrorCode::TensorInvalid, m_subject + ": " + name,
                    Text(BITLATHE_TEXT("real numbers of a type that safetensors knows, too")),
                    Text(BITLATHE_TEXT("%1"), shownName(tensor.element)),
                    Text(BITLATHE_TEXT("Save the model without this tensor")));
    }
    tensor.dtype = *element->dtype;
    const auto before = checkedAdd(storage->elementsBefore, static_cast<std::uint64_t>(arguments[1]->integer));
    const auto offset = before ? checkedMultiply(*before, element->bytes) : std::nullopt;
    if (!offset) {
        return invalid(name, Text(BITLATHE_TEXT("an offset inside a file")), Text(BITLATHE_TEXT("a larger one")));
    }
    tensor.offset = *offset;
    return tensor;
}

Result<TorchTensor> StateReader::readTensor(const std::string& name, const PickleValue& value)
{
    const PickleValue& call = *rebuildOf(value);
    if (call.kind != PickleKind::Persistent) {
        return readRebuilt(name, call);
    }
    const auto found = m_table->find(torchKey(*call.items.front()));
    if (found == m_table->end()) {
        return invalid(name, Text(BITLATHE_TEXT("a tensor that the file lists")), Text(BITLATHE_TEXT("another one")));
    }
    TorchTensor tensor = found->second;
    tensor.name = name;
    return tensor;
}

Result<void> StateReader::addEntry(const std::string& prefix, const PickleValue& key, const PickleValue& value)
{
    const std::string name = prefix + key.text;
    if (key.kind != PickleKind::String || !isPlainName(name) || !m_names.insert(name).second) {
        return invalid({}, Text(BITLATHE_TEXT("names of tensors, each once")),
                       key.kind == PickleKind::String ? Text(BITLATHE_TEXT("the name %1"), shownName(key.text))
                                                      : Text(BITLATHE_TEXT("another value for a name")));
    }
    if (!isTensor(value)) {
        m_noTensors.push_back(name);
        return {};
    }
    if (m_state.tensors.size() >= kMaxTensors) {
        return invalid({}, Text(BITLATHE_TEXT("at most %1 tensors"), kMaxTensors), Text(BITLATHE_TEXT("more")));
    }
    BITLATHE_TRY(TorchTensor tensor, readTensor(name, value));
    m_state.tensors.push_back(std::move(tensor));
    return {};
}

Result<void> StateReader::addEntries(const std::string& prefix, const PickleValue& dict)
{
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
        BITLATHE_CHECK(addEntry(prefix, *dict.items[i], *dict.items[i + 1]));
    }
    return {};
}

/// Whether a dictionary holds nothing but dictionaries, each under a name.
bool isTable(const PickleValue& dict)
{
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
        if (dict.items[i]->kind != PickleKind::String || dict.items[i + 1]->kind != PickleKind::Dict) {
            return false;
        }
    }
    return !dict.items.empty();
}

Result<TorchState> StateReader::read(const Pickle& pickle)
{
    // Also those of tensors that are left out: in some containers their bytes have to be stepped over.
    for (const PickleValue& value : pickle.values) {
        if (auto id = storageOf(value)) {
            m_state.storages.emplace(std::move(id->key), std::move(id->storage));
        }
    }
    const PickleValue& dict = unwrap(*pickle.root);
    if (dict.kind != PickleKind::Dict) {
        return invalid({}, Text(BITLATHE_TEXT("a dictionary of tensors by name (a state dict)")),
                       Text(BITLATHE_TEXT("another value")));
    }
    if (isTable(dict)) {
        for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
            BITLATHE_CHECK(addEntries(dict.items[i]->text + '/', *dict.items[i + 1]));
        }
    } else {
        BITLATHE_CHECK(addEntries({}, dict));
    }
    if (m_state.tensors.empty() && !dict.items.empty()) {
        return invalid({}, Text(BITLATHE_TEXT("a dictionary of tensors by name (a state dict)")),
                       Text(BITLATHE_TEXT("one without tensors")));
    }
    if (!m_noTensors.empty()) {
        m_state.findings.push_back({Severity::Note,
                                    "no-tensor",
                                    m_subject,
                                    Text(BITLATHE_TEXT("%1 values are no tensors and are left out, such as %2"),
                                         m_noTensors.size(), m_noTensors.front()),
                                    {}});
    }
    return std::move(m_state);
}

} // namespace

std::string torchKey(const PickleValue& value)
{
    if (value.kind == PickleKind::Integer) {
        return std::to_string(value.integer);
    }
    return value.kind == PickleKind::String ? value.text : std::string();
}

std::optional<std::vector<std::int64_t>> torchSizes(const PickleValue& value)
{
    // torch.Size(tuple) stands for the tuple.
    const bool isSize = value.isCallOf("torch.Size") && argumentsOf(value).size() == 1;
    const PickleValue& list = isSize ? *argumentsOf(value).front() : value;
    const bool isList = list.kind == PickleKind::Tuple || list.kind == PickleKind::List;
    const auto whole = [](const PickleValue* item) { return isWhole(*item); };
    if (!isList || list.items.size() > kMaxRank || !std::ranges::all_of(list.items, whole)) {
        return std::nullopt;
    }
    std::vector<std::int64_t> sizes;
    for (const PickleValue* item : list.items) {
        sizes.push_back(item->integer);
    }
    return sizes;
}

Result<TorchState> readTorchState(const Pickle& pickle, const TorchTensorTable* table, const std::string& subject)
{
    return StateReader(table, subject).read(pickle);
}

} // namespace bitlathe::checkpoint
