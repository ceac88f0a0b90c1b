//! Items by group, in one piece of memory.

/// Lists, one a group, one after the other.
#[derive(Debug)]
pub struct Groups<T> {
    starts: Vec<usize>,
    items: Vec<T>,
}

impl<T: Copy + Default> Groups<T> {
    /// Of items with their groups, whose order within a group is kept.
    pub fn new(count: usize, items: impl Iterator<Item = (u32, T)> + Clone) -> Groups<T> {
        let mut starts = vec![0; count + 1];
        items.clone().for_each(|(group, _)| starts[group as usize + 1] += 1);
        (0..count).for_each(|group| starts[group + 1] += starts[group]);
        let (mut next, mut placed) = (starts.clone(), vec![T::default(); starts[count]]);
        for (group, item) in items {
            placed[next[group as usize]] = item;
            next[group as usize] += 1;
        }
        Groups { starts, items: placed }
    }

    /// The items of one group.
    pub fn of(&self, group: usize) -> &[T] {
        &self.items[self.starts[group]..self.starts[group + 1]]
    }
}
