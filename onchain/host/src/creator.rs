//! Who created a contract, by its address.

use alloc::vec::Vec;

use alloy_primitives::Address;
use opml_core::keccak::Keccak;

/// Address of the contract that `creator` creates by CREATE when its nonce is `nonce`: the last 20 bytes
/// of the hash of `rlp([creator, nonce])`.
pub fn created_address<K: Keccak>(creator: Address, nonce: u64) -> Address {
    let digits: Vec<u8> = nonce.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    let mut item = Vec::with_capacity(31);
    item.push(0x94);
    item.extend(creator);
    match digits.as_slice() {
        [digit] if *digit < 0x80 => item.push(*digit),
        digits => {
            item.push(prefix(0x80, digits));
            item.extend(digits);
        }
    }
    let mut list = Vec::with_capacity(32);
    list.push(prefix(0xc0, &item));
    list.extend(item);
    Address::from_word(K::keccak256(&list))
}

/// The first byte of a short RLP item: its kind plus its length, at most 30 here.
fn prefix(kind: u8, bytes: &[u8]) -> u8 {
    kind.saturating_add(u8::try_from(bytes.len()).unwrap_or(u8::MAX))
}

#[cfg(test)]
mod tests {
    use alloy_primitives::address;
    use opml_core::keccak::AlloyKeccak;

    use super::*;

    /// The vectors that every implementation of CREATE is checked with.
    #[test]
    fn addresses_are_those_of_the_chain() {
        let creator = address!("6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0");
        let created = |nonce| created_address::<AlloyKeccak>(creator, nonce);
        assert_eq!(created(0), address!("cd234a471b72ba2f1ccf0a70fcaba648a5eecd8d"));
        assert_eq!(created(1), address!("343c43a37d37dff08ae8c4a11544c718abb4fcf8"));
        assert_eq!(created(2), address!("f778b86fa74e846c4f0a1fbd1335fe81c00a0c91"));
        assert_eq!(created(3), address!("fffd933a0bc612844eaf0c6fe3e5b8e9b6c1d19c"));
    }
}
