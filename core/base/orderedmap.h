// SPDX-License-Identifier: Apache-2.0
// OrderedMap: a JSON object that keeps the order of its keys and finds them fast.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace bitlathe {

/// The library's ordered map looks at every key for every look-up, which takes 20 seconds to parse a vocabulary of
/// 128,000 entries. This one adds a hash table of positions to objects that are not small. Keys are strings.
template <typename Key, typename T, typename Ignored, typename Allocator>
class OrderedMap : public nlohmann::ordered_map<Key, T, Ignored, Allocator>
{
    using Base = nlohmann::ordered_map<Key, T, Ignored, Allocator>;

public:
    using typename Base::const_iterator;
    using typename Base::iterator;
    using typename Base::size_type;
    using typename Base::value_type;

    OrderedMap() = default;
    template <typename Iterator>
    OrderedMap(Iterator first, Iterator last)
    {
        insert(first, last);
    }

    iterator find(std::string_view key) { return Base::begin() + position(key); }
    const_iterator find(std::string_view key) const { return Base::begin() + position(key); }
    size_type count(std::string_view key) const { return find(key) == Base::end() ? 0 : 1; }

    T& at(std::string_view key) { return Base::Container::at(static_cast<size_type>(position(key))).second; }
    const T& at(std::string_view key) const
    {
        return Base::Container::at(static_cast<size_type>(position(key))).second;
    }

    template <typename AnyKey>
    std::pair<iterator, bool> emplace(AnyKey&& key, T&& value)
    {
        if (const iterator found = find(key); found != Base::end()) {
            return {found, false};
        }
        Base::Container::emplace_back(std::forward<AnyKey>(key), std::move(value));
        indexLast();
        return {std::prev(Base::end()), true};
    }
    template <typename AnyKey>
    T& operator[](AnyKey&& key)
    {
        return emplace(std::forward<AnyKey>(key), T{}).first->second;
    }
    template <typename AnyKey>
    const T& operator[](AnyKey&& key) const
    {
        return at(key);
    }
    std::pair<iterator, bool> insert(value_type&& value) { return emplace(value.first, std::move(value.second)); }
    std::pair<iterator, bool> insert(const value_type& value) { return emplace(value.first, T(value.second)); }
    template <typename Iterator>
    void insert(Iterator first, Iterator last)
    {
        for (; first != last; ++first) {
            insert(*first);
        }
    }

    size_type erase(std::string_view key)
    {
        const iterator found = find(key);
        if (found == Base::end()) {
            return 0;
        }
        erase(found);
        return 1;
    }
    iterator erase(iterator place) { return erase(place, std::next(place)); }
    iterator erase(iterator first, iterator last)
    {
        const iterator next = Base::erase(first, last);
        indexAll();
        return next;
    }
    void clear()
    {
        Base::clear();
        m_table.clear();
    }

private:
    static constexpr size_type kSmall = 16; ///< Up to this many keys a plain search is faster.
    static constexpr std::uint32_t kFree = UINT32_MAX;

    std::ptrdiff_t position(std::string_view key) const
    {
        const size_type count = Base::size();
        if (count <= kSmall) {
            size_type i = 0;
            while (i < count && entry(i).first != key) {
                ++i;
            }
            return static_cast<std::ptrdiff_t>(i);
        }
        for (size_type slot = firstSlot(key);; slot = (slot + 1) & (m_table.size() - 1)) {
            const std::uint32_t place = m_table[slot];
            if (place == kFree) {
                return static_cast<std::ptrdiff_t>(count);
            }
            if (entry(place).first == key) {
                return static_cast<std::ptrdiff_t>(place);
            }
        }
    }
    const value_type& entry(size_type place) const { return Base::Container::operator[](place); }
    size_type firstSlot(std::string_view key) const
    {
        return std::hash<std::string_view>()(key) & (m_table.size() - 1);
    }

    void put(size_type place)
    {
        size_type slot = firstSlot(entry(place).first);
        while (m_table[slot] != kFree) {
            slot = (slot + 1) & (m_table.size() - 1);
        }
        m_table[slot] = static_cast<std::uint32_t>(place);
    }
    void indexLast()
    {
        if (Base::size() > kSmall && m_table.size() >= 2 * Base::size()) {
            put(Base::size() - 1);
        } else {
            indexAll();
        }
    }
    void indexAll()
    {
        if (Base::size() <= kSmall) {
            m_table.clear();
            return;
        }
        size_type capacity = 4 * kSmall;
        while (capacity < 4 * Base::size()) {
            capacity *= 2;
        }
        m_table.assign(capacity, kFree);
        for (size_type place = 0; place < Base::size(); ++place) {
            put(place);
        }
    }

    std::vector<std::uint32_t> m_table; ///< Open addressing, a power of two, at most half full; empty while small.
};

} // namespace bitlathe
