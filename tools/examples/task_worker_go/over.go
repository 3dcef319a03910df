package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// readOver gives the offsets above the committed one that are over already, and below which offsets
// workers died, from the metadata of the commit (src/worker/FORMAT.md).
func readOver(offset int64, metadata string) (map[int64]bool, []int64, error) {
	over, died := map[int64]bool{}, []int64{}
	metadata = strings.TrimRight(metadata, "\x00") // Python's client sends one along
	if !strings.HasPrefix(metadata, "h1") {
		return over, died, nil
	}
	text := metadata[2:]
	if strings.HasPrefix(text, "s:") {
		list, rest, more := strings.Cut(text[2:], ";")
		text = rest
		for _, word := range strings.Split(list, ",") {
			distance, err := strconv.ParseInt(word, 10, 64)
			if err != nil {
				return nil, nil, fmt.Errorf("metadata %.40q: %w", metadata, err)
			}
			died = append(died, offset+distance)
		}
		if !more {
			return over, died, nil
		}
	}
	if len(text) < 2 || text[1] != ':' || (text[0] != 'b' && text[0] != 'r') {
		return nil, nil, fmt.Errorf("metadata of a later version: %.40q", metadata)
	}
	data, err := base64.RawURLEncoding.DecodeString(text[2:])
	if err != nil {
		return nil, nil, fmt.Errorf("metadata %.40q: %w", metadata, err)
	}
	if text[0] == 'b' {
		for i := 0; i < 8*len(data); i++ {
			if data[i/8]>>(i%8)&1 == 1 {
				over[offset+1+int64(i)] = true
			}
		}
		return over, died, nil
	}
	for at, isOver := offset, false; len(data) > 0; isOver = !isOver {
		length, size := binary.Uvarint(data)
		if size <= 0 {
			return nil, nil, fmt.Errorf("metadata %.40q ends within a number", metadata)
		}
		data = data[size:]
		end := at + int64(length)
		for ; isOver && at < end; at++ {
			over[at] = true
		}
		at = end
	}
	return over, died, nil
}

// writeOver is the metadata for a commit of offset: below which offsets workers died, and what is
// over above it, as a bitmap.
func writeOver(offset int64, over map[int64]bool, died []int64) string {
	var data []byte
	for o := range over {
		if o <= offset {
			continue
		}
		i := int(o - offset - 1)
		for len(data) <= i/8 {
			data = append(data, 0)
		}
		data[i/8] |= 1 << (i % 8)
	}
	var distances, parts []string
	for _, end := range died {
		if end > offset {
			distances = append(distances, strconv.FormatInt(end-offset, 10))
		}
	}
	if len(distances) > 0 {
		parts = append(parts, "s:"+strings.Join(distances, ","))
	}
	if len(data) > 0 {
		parts = append(parts, "b:"+base64.RawURLEncoding.EncodeToString(data))
	}
	if len(parts) == 0 {
		return ""
	}
	return "h1" + strings.Join(parts, ";")
}

// murmur2 is Java's, with the sign bit cleared, as its partitioner does it.
func murmur2(data string) int32 {
	const m = 0x5bd1e995
	h := uint32(0x9747b28c) ^ uint32(len(data))
	for ; len(data) >= 4; data = data[4:] {
		k := binary.LittleEndian.Uint32([]byte(data[:4])) * m
		k = (k ^ k>>24) * m
		h = h*m ^ k
	}
	if len(data) > 0 {
		rest := make([]byte, 4)
		copy(rest, data)
		h = (h ^ binary.LittleEndian.Uint32(rest)) * m
	}
	h = (h ^ h>>13) * m
	return int32((h ^ h>>15) & 0x7fffffff)
}
