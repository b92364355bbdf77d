// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// section contains what the engine must know about its own file (capi/renew.c).
const section = "gssapi_image"

// layout is the first number of that section: the linker leaves the first value there, and this program writes the
// second.
const (
	unprepared = 0x67737361_70690000
	prepared   = 0x67737361_70690001
)

// description is struct engine_image of capi/renew.c. It consists of addresses within the object, and sizes in octets.
type description struct {
	Layout                  uint64
	Parts                   uint64 // the table of them
	RelroParts, DataParts   uint64 // how many are in Relro, and how many follow in Data
	Relro, RelroSize        uint64 // read-only once it is relocated
	Data, DataSize, Initial uint64 // writable, and a copy of what it holds before anything has run
	Bss, BssSize            uint64
	Constructors, NumberOf  uint64
	Size                    uint64 // of the object in memory
}

// part is a run of pages each of which contains addresses. Between them are long runs without any, of names and of
// numbers.
type part struct {
	Address, Size             uint64
	Relocations, RelocationsN uint64 // in the format of SHT_RELR
}

const (
	relaSize = 24
	dynSize  = 16
	word     = 8
	page     = 4096
	ignored  = elf.DynTag(0x6000000d + 1) // nobody's: linkers skip it
)

// object is a shared object whose octets are edited.
type object struct {
	file *elf.File
	text []byte
}

// prepare rewrites a shared object. It returns false if the object is already prepared.
func prepare(text []byte) (bool, error) {
	file, err := elf.NewFile(bytes.NewReader(text))
	if err != nil {
		return false, err
	}
	if file.Class != elf.ELFCLASS64 || file.Machine != elf.EM_X86_64 || file.Type != elf.ET_DYN {
		return false, errors.New("it is no shared object for amd64")
	}
	o := object{file, text}
	own := file.Section(section)
	if own == nil || own.Size != uint64(binary.Size(description{})) {
		return false, fmt.Errorf("it has no section %s as it is known here", section)
	}
	switch layout := o.uint64(own.Offset); layout {
	case prepared:
		return false, nil
	case unprepared:
	default:
		return false, fmt.Errorf("its section %s begins with %#x", section, layout)
	}
	d, err := o.describe()
	if err != nil {
		return false, err
	}
	if err := o.takeOver(&d); err != nil {
		return false, err
	}
	_, err = binary.Encode(text[own.Offset:], binary.LittleEndian, d)
	return true, err
}

func (o *object) uint64(offset uint64) uint64 { return binary.LittleEndian.Uint64(o.text[offset:]) }
func (o *object) setUint64(offset uint64, v uint64) {
	binary.LittleEndian.PutUint64(o.text[offset:], v)
}

// offset returns the offset in the file of an address.
func (o *object) offset(address, size uint64) (uint64, error) {
	for _, p := range o.file.Progs {
		if p.Type == elf.PT_LOAD && p.Vaddr <= address && address+size <= p.Vaddr+p.Filesz {
			return p.Off + address - p.Vaddr, nil
		}
	}
	return 0, fmt.Errorf("the file has no octets of address %#x", address)
}

// describe finds the writable parts of the object.
func (o *object) describe() (d description, err error) {
	d.Layout = prepared
	for _, p := range o.file.Progs {
		if p.Type == elf.PT_GNU_RELRO {
			d.Relro, d.RelroSize = p.Vaddr, p.Memsz
		}
	}
	if d.RelroSize == 0 {
		return d, errors.New("no part of it is read-only after relocation (-z relro)")
	}
	// Linkers round the end to whole pages: glibc's downwards, that of FreeBSD 12 upwards.
	end := d.Relro + d.RelroSize
	if end%page != 0 {
		return d, fmt.Errorf("what is read-only after relocation ends at %#x, within a page", end)
	}
	d.Relro &^= page - 1
	d.RelroSize = end - d.Relro
	for _, p := range o.file.Progs {
		if p.Type != elf.PT_LOAD {
			continue
		}
		d.Size = max(d.Size, p.Vaddr+p.Memsz)
		if p.Flags&elf.PF_W == 0 || p.Vaddr+p.Memsz <= end {
			continue
		}
		if d.Data != 0 {
			return d, errors.New("it has more than one segment that is written to")
		}
		d.Data = max(p.Vaddr, end)
		d.DataSize = p.Vaddr + p.Filesz - d.Data
		d.Bss = p.Vaddr + p.Filesz
		d.BssSize = p.Memsz - p.Filesz
	}
	if d.Data == 0 || d.BssSize == 0 {
		return d, errors.New("it has no data")
	}
	return d, nil
}

// takeOver removes the tasks that the engine performs itself from the linker's: relocations that depend only on the
// object's address, and calls of constructors and destructors. In place of the relocations, it writes a shorter form of
// them and the copy of the data.
func (o *object) takeOver(d *description) error {
	tags, err := o.dynamic()
	if err != nil {
		return err
	}
	for _, t := range []elf.DynTag{elf.DT_RELA, elf.DT_RELASZ, elf.DT_RELACOUNT, elf.DT_INIT_ARRAY, elf.DT_INIT_ARRAYSZ} {
		if _, ok := tags[t]; !ok {
			return fmt.Errorf("it has no %v", t)
		}
	}
	d.Constructors = o.uint64(tags[elf.DT_INIT_ARRAY] + word)
	d.NumberOf = o.uint64(tags[elf.DT_INIT_ARRAYSZ]+word) / word
	for _, t := range []elf.DynTag{elf.DT_INIT_ARRAY, elf.DT_INIT_ARRAYSZ, elf.DT_FINI_ARRAY, elf.DT_FINI_ARRAYSZ} {
		if at, ok := tags[t]; ok {
			o.setUint64(at, uint64(ignored))
		}
	}

	table := o.uint64(tags[elf.DT_RELA] + word)
	size := o.uint64(tags[elf.DT_RELASZ] + word)
	own := o.uint64(tags[elf.DT_RELACOUNT]+word) * relaSize
	if own > size {
		return errors.New("it counts more relocations than it has")
	}
	at, err := o.offset(table, size)
	if err != nil {
		return err
	}
	targets, err := o.apply(d, at, own, size)
	if err != nil {
		return err
	}
	o.setUint64(tags[elf.DT_RELA]+word, table+own)
	o.setUint64(tags[elf.DT_RELASZ]+word, size-own)
	o.setUint64(tags[elf.DT_RELACOUNT]+word, 0)
	o.shrinkSection(table, own)

	split, _ := slices.BinarySearch(targets, d.Data)
	relro, rest := divide(targets[:split]), divide(targets[split:])
	d.Parts, d.RelroParts, d.DataParts = table, uint64(len(relro)), uint64(len(rest))
	var parts, addresses []byte
	next := table + (d.RelroParts+d.DataParts)*uint64(binary.Size(part{}))
	for _, run := range slices.Concat(relro, rest) {
		entries := encode(run)
		first, end := run[0]&^(page-1), (run[len(run)-1]+page)&^(page-1)
		parts, _ = binary.Append(parts, binary.LittleEndian, part{first, end - first, next, uint64(len(entries))})
		addresses, _ = binary.Append(addresses, binary.LittleEndian, entries)
		next += uint64(len(entries)) * word
	}
	d.Initial = (next + 63) &^ 63
	if d.Initial+d.DataSize > table+own {
		return errors.New("there is no room for a copy of its data")
	}
	room := o.text[at : at+own]
	clear(room)
	copy(room, slices.Concat(parts, addresses))
	data, err := o.offset(d.Data, d.DataSize)
	if err != nil {
		return err
	}
	copy(room[d.Initial-table:], o.text[data:data+d.DataSize])
	return nil
}

// shrinkSection updates the section header at an address, for debuggers: its first octets have been taken.
func (o *object) shrinkSection(address, by uint64) {
	const addressAt, offsetAt, sizeAt = 16, 24, 32
	headers, size := o.uint64(0x28), uint64(binary.LittleEndian.Uint16(o.text[0x3a:]))
	for i, s := range o.file.Sections {
		if s.Type == elf.SHT_RELA && s.Addr == address {
			at := headers + uint64(i)*size
			o.setUint64(at+addressAt, s.Addr+by)
			o.setUint64(at+offsetAt, s.Offset+by)
			o.setUint64(at+sizeAt, s.Size-by)
		}
	}
}

// dynamic returns the offset in the file of each entry of the dynamic section.
func (o *object) dynamic() (map[elf.DynTag]uint64, error) {
	for _, p := range o.file.Progs {
		if p.Type != elf.PT_DYNAMIC {
			continue
		}
		tags := map[elf.DynTag]uint64{}
		for at := p.Off; at+dynSize <= p.Off+p.Filesz; at += dynSize {
			tag := elf.DynTag(o.uint64(at))
			if tag == elf.DT_NULL {
				return tags, nil
			}
			tags[tag] = at
		}
	}
	return nil, errors.New("it has no dynamic section that ends")
}

// apply writes the addends of the first own octets of relocations to their addresses, and returns the addresses in
// ascending order. The remaining relocations, which are left to the linker, must not be in the data, because the engine
// restores it.
func (o *object) apply(d *description, at, own, size uint64) ([]uint64, error) {
	var targets []uint64
	for n := uint64(0); n < size; n += relaSize {
		target, info, addend := o.uint64(at+n), o.uint64(at+n+word), o.uint64(at+n+2*word)
		relative := elf.R_X86_64(info&0xffffffff) == elf.R_X86_64_RELATIVE
		if relative != (n < own) {
			return nil, errors.New("its relocations are not sorted (-z combreloc)")
		}
		if !relative {
			if target >= d.Data {
				return nil, fmt.Errorf("data at %#x refers to another object", target)
			}
			continue
		}
		if target%word != 0 || addend > d.Size || len(targets) > 0 && target <= targets[len(targets)-1] {
			return nil, fmt.Errorf("the relocation of %#x is out of order", target)
		}
		where, err := o.offset(target, word)
		if err != nil {
			return nil, err
		}
		o.setUint64(where, addend)
		targets = append(targets, target)
	}
	return targets, nil
}

// divide divides ascending addresses at pages that contain none of them.
func divide(targets []uint64) (runs [][]uint64) {
	for from, i := 0, 1; i <= len(targets); i++ {
		if i == len(targets) || targets[i]/page > targets[i-1]/page+1 {
			runs = append(runs, targets[from:i])
			from = i
		}
	}
	return runs
}

// encode returns ascending addresses in the format of SHT_RELR: an even number is an address, an odd one a bitmap of
// the 63 words that follow those before it.
func encode(targets []uint64) []uint64 {
	const bits = 63
	var out []uint64
	for i := 0; i < len(targets); {
		out = append(out, targets[i])
		next := targets[i] + word
		i++
		for {
			var bitmap uint64
			for i < len(targets) && targets[i]-next < bits*word {
				bitmap |= 1 << ((targets[i] - next) / word)
				i++
			}
			if bitmap == 0 {
				break
			}
			out = append(out, bitmap<<1|1)
			next += bits * word
		}
	}
	return out
}
