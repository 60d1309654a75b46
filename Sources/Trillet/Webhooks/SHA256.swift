/// SHA-256 (FIPS 180-4), and HMAC with it (RFC 2104). libcurl brings no digests to the outside, and
/// linking a library of ciphers for one would cost every host more than these lines.
enum SHA256 {
    private static let blockSize = 64
    private static let digestSize = 32

    private static let start: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
        0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]

    private static let constants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
        0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
        0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
        0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
        0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
        0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
        0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
        0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
        0xc671_78f2,
    ]

    /// HMAC-SHA256 of `message`.
    @inline(never)
    static func code(_ message: Bytes, key: [UInt8]) -> [UInt8] {
        var block = key.count > blockSize ? key.withUnsafeBufferPointer { digest($0) } : key
        while block.count < blockSize { block.append(0) }
        for index in block.indices { block[index] ^= 0x36 }
        let inner = block.withUnsafeBufferPointer { digest(message, after: $0) }
        for index in block.indices { block[index] ^= 0x36 ^ 0x5C }
        return inner.withUnsafeBufferPointer { inner in
            block.withUnsafeBufferPointer { digest(inner, after: $0) }
        }
    }

    /// The digest of `bytes` after `head`, which is empty or one block.
    @inline(never)
    static func digest(_ bytes: Bytes, after head: Bytes = .empty) -> [UInt8] {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 8 + blockSize) { words in
            for index in 0..<8 { words[index] = start[index] }
            if head.count > 0 { mix(head, words) }
            let rest = bytes.count % blockSize
            var offset = 0
            while offset < bytes.count - rest {
                mix(bytes.slice(offset, offset + blockSize), words)
                offset += blockSize
            }
            var end = Array(bytes.slice(offset, bytes.count))
            end.append(0x80)
            while end.count % blockSize != 56 { end.append(0) }
            let bits = UInt64(head.count + bytes.count) &* 8
            for place in 0..<8 {
                end.append(UInt8(truncatingIfNeeded: bits >> UInt64(56 - 8 * place)))
            }
            end.withUnsafeBufferPointer { end in
                mix(end.slice(0, blockSize), words)
                if end.count > blockSize { mix(end.slice(blockSize, 2 * blockSize), words) }
            }
            var digest: [UInt8] = []
            for index in 0..<digestSize {
                let shift = UInt32(24 - 8 * (index % 4))
                digest.append(UInt8(truncatingIfNeeded: words[index / 4] >> shift))
            }
            return digest
        }
    }

    /// Works one whole block into the state, the first eight words; the others are room to work in.
    @inline(never)
    @_optimize(speed)
    private static func mix(_ block: Bytes, _ words: UnsafeMutableBufferPointer<UInt32>) {
        for index in 0..<16 {
            let start = 4 * index
            words[8 + index] =
                UInt32(block[start]) << 24 | UInt32(block[start + 1]) << 16
                | UInt32(block[start + 2]) << 8 | UInt32(block[start + 3])
        }
        for index in 24..<72 {
            let (early, late) = (words[index - 15], words[index - 2])
            let first = turned(early, 7) ^ turned(early, 18) ^ early >> 3
            let second = turned(late, 17) ^ turned(late, 19) ^ late >> 10
            words[index] = words[index - 16] &+ first &+ words[index - 7] &+ second
        }
        var (a, b, c, d) = (words[0], words[1], words[2], words[3])
        var (e, f, g, h) = (words[4], words[5], words[6], words[7])
        for index in 0..<64 {
            let upper = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)
            let choice = e & f ^ ~e & g
            let one = h &+ upper &+ choice &+ constants[index] &+ words[8 + index]
            let lower = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)
            let two = lower &+ (a & b ^ a & c ^ b & c)
            (h, g, f, e) = (g, f, e, d &+ one)
            (d, c, b, a) = (c, b, a, one &+ two)
        }
        words[0] &+= a
        words[1] &+= b
        words[2] &+= c
        words[3] &+= d
        words[4] &+= e
        words[5] &+= f
        words[6] &+= g
        words[7] &+= h
    }

    @inline(__always)
    private static func turned(_ value: UInt32, _ places: UInt32) -> UInt32 {
        value >> places | value << (32 - places)
    }
}
