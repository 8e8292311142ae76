//! tmp
use crate::scenario::model::Rate;
use reports::units::Nanos;
pub struct Schedule{n:u64,total:u64,gap:f64,phase:f64}
impl Schedule{ pub fn new(rate:&Rate,warmup:Nanos,load:Nanos,producer:u16,producers:u16,_seed:u64)->Self{
 let r=match rate{Rate::Constant{per_second}=>*per_second,_=>1000.0}; let per=r/f64::from(producers);
 Self{n:0,total:((warmup.as_secs_f64()+load.as_secs_f64())*per) as u64,gap:1e9/per,phase:1e9/r*f64::from(producer)} } }
impl Iterator for Schedule{type Item=Nanos; fn next(&mut self)->Option<Nanos>{ if self.n>=self.total{return None} let t=self.phase+self.gap*self.n as f64; self.n+=1; Some(Nanos(t as u64)) }}
